-- For sort:-last_sms, in which leads without texts come last. It's no index of the model, because
-- SQLite has no NULLS LAST in indexes.
CREATE INDEX lead_last_sms_order
  ON leads_lead (organization_id, last_sms_at DESC NULLS LAST, id DESC);

-- Some digits anywhere in a number.
CREATE INDEX contact_phone_digits
  ON leads_contactphone USING gin (organization_id, phone gin_trgm_ops);

-- The expressions are those of search.words.text_lookups.WordVector.
CREATE INDEX address_words ON leads_address USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(city)),
  to_tsvector('simple'::regconfig, search_words(state)),
  to_tsvector('simple'::regconfig, search_words(postal_code))
);

-- Searches read leads_leadwords instead.
DROP INDEX contact_words;
DROP INDEX contact_email_words;
