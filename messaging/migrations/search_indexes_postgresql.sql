-- The expression is that of search.lookups.WordVector. Failed messages, which people look for
-- most and which are few, have a small index of their own.
CREATE INDEX sms_words ON messaging_smsmessage USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(text))
);
CREATE INDEX sms_error_words ON messaging_smsmessage USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(text))
) WHERE status = 'error';
