-- Consent is evidence: records are added, but neither changed nor deleted.

CREATE TRIGGER messaging_consent_same_number BEFORE INSERT ON messaging_consent
WHEN NEW.supersedes_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM messaging_consent
   WHERE id = NEW.supersedes_id AND recipient_id = NEW.recipient_id)
BEGIN SELECT RAISE(ABORT, 'messaging_consent: supersedes a record of another number'); END;

-- When the user who recorded it is deleted, only the reference to that user is cleared.
CREATE TRIGGER messaging_consent_final BEFORE UPDATE ON messaging_consent
WHEN (NEW.id, NEW.organization_id, NEW.recipient_id, NEW.given, NEW.method, NEW.wording)
    IS NOT (OLD.id, OLD.organization_id, OLD.recipient_id, OLD.given, OLD.method, OLD.wording)
  OR (NEW.version, NEW.place, NEW.page, NEW.recorded, NEW.recorded_by_name)
    IS NOT (OLD.version, OLD.place, OLD.page, OLD.recorded, OLD.recorded_by_name)
  OR NEW.supersedes_id IS NOT OLD.supersedes_id OR NEW.form_token IS NOT OLD.form_token
  OR (NEW.recorded_by_id IS NOT NULL AND NEW.recorded_by_id IS NOT OLD.recorded_by_id)
BEGIN SELECT RAISE(ABORT, 'messaging_consent: records of consent are final'); END;

-- To erase a person's data, delete the number first, in one transaction.
CREATE TRIGGER messaging_consent_kept BEFORE DELETE ON messaging_consent
WHEN EXISTS (SELECT 1 FROM messaging_recipient WHERE id = OLD.recipient_id)
BEGIN SELECT RAISE(ABORT, 'messaging_consent: records of consent are final'); END;
