-- The expressions are those of search.words.text_lookups.WordVector. Failed texts are few, and people
-- search them most, so they have a small index of their own.
--
-- New entries of a GIN index wait in a list that each search reads as a whole, of up to 4 MB unless
-- it's limited.
CREATE INDEX sms_words ON messaging_smsmessage USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(text))
) WITH (gin_pending_list_limit = 512);
CREATE INDEX sms_error_words ON messaging_smsmessage USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(text))
) WHERE status = 'error';

-- Carriers' codes.
CREATE INDEX attempt_code_words ON messaging_attempt USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(code))
) WHERE NOT code = '';

-- For sort:-sent, in which texts that weren't sent come last, and for dates sent. It's no index of
-- the model, because SQLite has no NULLS LAST in indexes. Without the ID, texts that weren't sent
-- take little space.
CREATE INDEX sms_sent ON messaging_smsmessage (organization_id, sent DESC NULLS LAST);
