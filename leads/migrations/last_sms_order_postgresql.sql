-- For sort:-last_sms, in which leads without texts come last. It's no index of the model, because
-- SQLite has no NULLS LAST in indexes.
CREATE INDEX lead_last_sms_order
  ON leads_lead (organization_id, last_sms_at DESC NULLS LAST, id DESC);
