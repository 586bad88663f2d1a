-- The expression is that of search.words.text_lookups.WordVector. Failed messages are few, and people
-- search them most, so they have a small index of their own.
CREATE INDEX sms_words ON messaging_smsmessage USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(text))
);
CREATE INDEX sms_error_words ON messaging_smsmessage USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(text))
) WHERE status = 'error';
