-- The expressions are those of search.words.text_lookups.WordVector. Each index begins with the
-- organization, so that a small one does not read the words of a large one.
CREATE INDEX note_words ON leads_note USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(text))
);
CREATE INDEX address_words ON leads_address USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(city)),
  to_tsvector('simple'::regconfig, search_words(state)),
  to_tsvector('simple'::regconfig, search_words(postal_code))
);

-- Some digits anywhere in a number, without the plus: with `phone` itself, this index also looks
-- like a good one for whole numbers, and each takes milliseconds in a large organization.
-- The expression is that of search.words.phone_fields.DigitsLookup.
CREATE INDEX contact_phone_digits
  ON leads_contactphone USING gin (organization_id, ltrim(phone, '+') gin_trgm_ops);

-- For sort:-last_sms, in which leads without texts come last. It's no index of the model, because
-- SQLite has no NULLS LAST in indexes.
CREATE INDEX lead_last_sms_order
  ON leads_lead (organization_id, last_sms_at DESC NULLS LAST, id DESC);
