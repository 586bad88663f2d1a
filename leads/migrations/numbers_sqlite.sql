-- leads_leadnumber has the numbers of leads' custom fields, whatever writes them, as in PostgreSQL.

CREATE TRIGGER leads_numbers_insert AFTER INSERT ON leads_lead WHEN NEW.custom <> '{}'
BEGIN
  INSERT INTO leads_leadnumber (organization_id, lead_id, key, value)
  SELECT NEW.organization_id, NEW.id, key, value FROM json_each(NEW.custom)
   WHERE type IN ('integer', 'real') AND length(key) <= 80 AND abs(value) <= 1e300;
END;

CREATE TRIGGER leads_numbers_update AFTER UPDATE OF custom ON leads_lead
BEGIN
  DELETE FROM leads_leadnumber WHERE lead_id = NEW.id;
  INSERT INTO leads_leadnumber (organization_id, lead_id, key, value)
  SELECT NEW.organization_id, NEW.id, key, value FROM json_each(NEW.custom)
   WHERE type IN ('integer', 'real') AND length(key) <= 80 AND abs(value) <= 1e300;
END;

CREATE TRIGGER leads_numbers_delete AFTER DELETE ON leads_lead
BEGIN
  DELETE FROM leads_leadnumber WHERE lead_id = OLD.id;
END;
