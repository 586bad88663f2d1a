-- Consent is evidence: records are added, but neither changed nor deleted. As in SQLite.

CREATE FUNCTION messaging_consent_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.supersedes_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM messaging_consent
       WHERE id = NEW.supersedes_id AND recipient_id = NEW.recipient_id) THEN
      RAISE EXCEPTION 'messaging_consent: supersedes a record of another number'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' THEN
    -- To erase a person's data, delete the number first, in one transaction.
    IF NOT EXISTS (SELECT 1 FROM messaging_recipient WHERE id = OLD.recipient_id) THEN
      RETURN OLD;
    END IF;
  ELSIF NEW.recorded_by_id IS NULL THEN
    -- When the user who recorded it is deleted, only the reference to that user is cleared.
    OLD.recorded_by_id = NULL;
    IF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
  ELSIF NEW IS NOT DISTINCT FROM OLD THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'messaging_consent: records of consent are final'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER messaging_consent_final BEFORE INSERT OR UPDATE OR DELETE ON messaging_consent
FOR EACH ROW EXECUTE FUNCTION messaging_consent_final();
