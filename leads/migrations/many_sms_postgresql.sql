-- More than 100 texts: MANY_SMS of the model. This runs once or twice in the life of a lead. It's no
-- generated column, because adding one rewrites the table.
CREATE FUNCTION leads_many_sms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE leads_lead SET has_many_sms = (sms_count > 100)
   WHERE organization_id = NEW.organization_id AND id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_many_sms AFTER UPDATE OF sms_count ON leads_lead
  FOR EACH ROW WHEN ((NEW.sms_count > 100) <> NEW.has_many_sms) EXECUTE FUNCTION leads_many_sms();
