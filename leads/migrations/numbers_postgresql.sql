-- leads_leadnumber has the numbers of leads' custom fields, whatever writes them, as in SQLite. Those
-- that no floating-point number can be are left out, and so are keys that no field has.

CREATE FUNCTION leads_numbers_of(custom jsonb, OUT key text, OUT number double precision)
RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $$
  SELECT key, value::double precision FROM jsonb_each(custom)
   WHERE length(key) <= 80
     AND CASE WHEN jsonb_typeof(value) = 'number' THEN abs(value::numeric) <= 1e300 END
$$;

-- Leads that are added at once, such as those of an import, get their numbers at once.
CREATE FUNCTION leads_numbers_of_new_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO leads_leadnumber (organization_id, lead_id, key, value)
  SELECT organization_id, id, key, number FROM new_leads, leads_numbers_of(custom)
   WHERE custom <> '{}';
  RETURN NULL;
END $$;

CREATE TRIGGER leads_numbers_insert AFTER INSERT ON leads_lead
  REFERENCING NEW TABLE AS new_leads
  FOR EACH STATEMENT EXECUTE FUNCTION leads_numbers_of_new_leads();

CREATE FUNCTION leads_numbers_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM leads_leadnumber
   WHERE organization_id = OLD.organization_id AND lead_id = NEW.id
     AND key NOT IN (SELECT key FROM leads_numbers_of(NEW.custom));
  INSERT INTO leads_leadnumber AS stored (organization_id, lead_id, key, value)
  SELECT NEW.organization_id, NEW.id, key, number FROM leads_numbers_of(NEW.custom)
  ON CONFLICT (lead_id, key) DO UPDATE
    SET organization_id = excluded.organization_id, value = excluded.value
  WHERE (stored.organization_id, stored.value) <> (excluded.organization_id, excluded.value);
  RETURN NULL;
END $$;

CREATE TRIGGER leads_numbers_update AFTER UPDATE OF custom ON leads_lead
  FOR EACH ROW EXECUTE FUNCTION leads_numbers_of_lead();

CREATE FUNCTION leads_numbers_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM leads_leadnumber WHERE organization_id = OLD.organization_id AND lead_id = OLD.id;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_numbers_delete AFTER DELETE ON leads_lead
  FOR EACH ROW EXECUTE FUNCTION leads_numbers_delete();
