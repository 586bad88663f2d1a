-- More than 100 texts: MANY_SMS of the model.
CREATE TRIGGER leads_many_sms AFTER UPDATE OF sms_count ON leads_lead
WHEN (NEW.sms_count > 100) <> NEW.has_many_sms
BEGIN
  UPDATE leads_lead SET has_many_sms = (sms_count > 100) WHERE id = NEW.id;
END;
