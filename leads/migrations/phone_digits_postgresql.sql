-- Some digits anywhere in a number, without the plus: with `phone` itself, this index also looked
-- like a good one for whole numbers, and each took milliseconds in a large organization.
-- The expression is that of search.words.phone_fields.DigitsLookup.
DROP INDEX contact_phone_digits;
CREATE INDEX contact_phone_digits
  ON leads_contactphone USING gin (organization_id, ltrim(phone, '+') gin_trgm_ops);
