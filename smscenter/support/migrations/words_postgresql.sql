-- The texts that words of the review queue are searched in. The expressions are those of
-- search.words.text_lookups.WordVector.
CREATE INDEX request_words ON support_supportrequest USING gin (
  to_tsvector('simple'::regconfig, search_words(subject)),
  to_tsvector('simple'::regconfig, search_words(examples)),
  to_tsvector('simple'::regconfig, search_words(body)),
  to_tsvector('simple'::regconfig, search_words(website)),
  to_tsvector('simple'::regconfig, search_words(carrier_ticket)),
  to_tsvector('simple'::regconfig, search_words(content_type)),
  to_tsvector('simple'::regconfig, search_words(relationship))
);
-- Of any organization: `request_sender` begins with it.
CREATE INDEX request_sender_number ON support_supportrequest (sender_id) WHERE sender_id IS NOT NULL;
