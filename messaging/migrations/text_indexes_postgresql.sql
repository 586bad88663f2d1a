-- Carrier's codes. The expression is that of search.words.text_lookups.WordVector.
CREATE INDEX attempt_code_words ON messaging_attempt USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(code))
) WHERE NOT code = '';

-- For sort:-sent, in which texts that weren't sent come last, and for dates sent. It's no index of
-- the model, because SQLite has no NULLS LAST in indexes. Without the ID, texts that weren't sent
-- take little space.
CREATE INDEX sms_sent ON messaging_smsmessage (organization_id, sent DESC NULLS LAST);
