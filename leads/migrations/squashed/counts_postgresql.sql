-- leads_lead.contact_count, phone_count, email_count, address_count, and note_count are the numbers
-- of its rows, and last_note_at is the newest leads_note.created, whatever writes them, as in SQLite.
--
-- Rows that are added or deleted at once, such as those of an import, change each lead once. What
-- belongs to a contact locks the contact before the lead, as a merge does, so that the contact
-- stays with its lead meanwhile. Leads are locked in the order of their ID.
--
-- Statements name the organization, for the reason in words_postgresql.sql.

CREATE FUNCTION leads_count_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
  -- Phone numbers and email addresses that are deleted after their contact don't find the lead.
  UPDATE leads_lead l SET
    contact_count = l.contact_count + step * changed.contacts,
    phone_count = l.phone_count + step * changed.phones,
    email_count = l.email_count + step * changed.emails
  FROM (
    SELECT locked.id, locked.organization_id, contacts, phones, emails FROM leads_lead locked JOIN (
      SELECT organization_id, lead_id, count(*)::int AS contacts,
             sum((SELECT count(*) FROM leads_contactphone WHERE contact_id = c.id))::int AS phones,
             sum((SELECT count(*) FROM leads_contactemail WHERE contact_id = c.id))::int AS emails
        FROM changed_contacts c GROUP BY organization_id, lead_id
    ) counted ON counted.lead_id = locked.id AND counted.organization_id = locked.organization_id
    ORDER BY locked.id FOR NO KEY UPDATE OF locked
  ) changed
  WHERE l.id = changed.id AND l.organization_id = changed.organization_id;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_count_insert AFTER INSERT ON leads_contact
  REFERENCING NEW TABLE AS changed_contacts
  FOR EACH STATEMENT EXECUTE FUNCTION leads_count_contacts();

CREATE TRIGGER leads_count_delete AFTER DELETE ON leads_contact
  REFERENCING OLD TABLE AS changed_contacts
  FOR EACH STATEMENT EXECUTE FUNCTION leads_count_contacts();

-- A contact that moves to another lead takes its phone numbers and email addresses along.
CREATE FUNCTION leads_count_moved_contact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  phones int;
  emails int;
BEGIN
  PERFORM 1 FROM leads_lead
   WHERE organization_id = NEW.organization_id AND id IN (OLD.lead_id, NEW.lead_id)
   ORDER BY id FOR NO KEY UPDATE;
  SELECT count(*) INTO phones FROM leads_contactphone WHERE contact_id = NEW.id;
  SELECT count(*) INTO emails FROM leads_contactemail WHERE contact_id = NEW.id;
  UPDATE leads_lead SET
    contact_count = contact_count - 1,
    phone_count = phone_count - phones,
    email_count = email_count - emails
  WHERE organization_id = OLD.organization_id AND id = OLD.lead_id;
  UPDATE leads_lead SET
    contact_count = contact_count + 1,
    phone_count = phone_count + phones,
    email_count = email_count + emails
  WHERE organization_id = NEW.organization_id AND id = NEW.lead_id;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_count_moved AFTER UPDATE OF lead_id ON leads_contact
  FOR EACH ROW WHEN (OLD.lead_id <> NEW.lead_id) EXECUTE FUNCTION leads_count_moved_contact();

CREATE FUNCTION leads_count_phones() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
  WITH owners AS MATERIALIZED (
    SELECT c.id, c.organization_id, c.lead_id FROM leads_contact c
      JOIN (SELECT DISTINCT organization_id, contact_id FROM changed_rows) changed
        ON c.id = changed.contact_id AND c.organization_id = changed.organization_id
     ORDER BY c.id FOR NO KEY UPDATE OF c
  )
  UPDATE leads_lead l SET phone_count = l.phone_count + step * changed.number
  FROM (
    SELECT locked.id, locked.organization_id, number FROM leads_lead locked JOIN (
      SELECT owners.organization_id, lead_id, count(*)::int AS number
        FROM changed_rows JOIN owners ON owners.id = contact_id
       GROUP BY owners.organization_id, lead_id
    ) counted ON counted.lead_id = locked.id AND counted.organization_id = locked.organization_id
    ORDER BY locked.id FOR NO KEY UPDATE OF locked
  ) changed
  WHERE l.id = changed.id AND l.organization_id = changed.organization_id;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_count_insert AFTER INSERT ON leads_contactphone
  REFERENCING NEW TABLE AS changed_rows
  FOR EACH STATEMENT EXECUTE FUNCTION leads_count_phones();

CREATE TRIGGER leads_count_delete AFTER DELETE ON leads_contactphone
  REFERENCING OLD TABLE AS changed_rows
  FOR EACH STATEMENT EXECUTE FUNCTION leads_count_phones();

CREATE FUNCTION leads_count_emails() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
  WITH owners AS MATERIALIZED (
    SELECT c.id, c.organization_id, c.lead_id FROM leads_contact c
      JOIN (SELECT DISTINCT organization_id, contact_id FROM changed_rows) changed
        ON c.id = changed.contact_id AND c.organization_id = changed.organization_id
     ORDER BY c.id FOR NO KEY UPDATE OF c
  )
  UPDATE leads_lead l SET email_count = l.email_count + step * changed.number
  FROM (
    SELECT locked.id, locked.organization_id, number FROM leads_lead locked JOIN (
      SELECT owners.organization_id, lead_id, count(*)::int AS number
        FROM changed_rows JOIN owners ON owners.id = contact_id
       GROUP BY owners.organization_id, lead_id
    ) counted ON counted.lead_id = locked.id AND counted.organization_id = locked.organization_id
    ORDER BY locked.id FOR NO KEY UPDATE OF locked
  ) changed
  WHERE l.id = changed.id AND l.organization_id = changed.organization_id;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_count_insert AFTER INSERT ON leads_contactemail
  REFERENCING NEW TABLE AS changed_rows
  FOR EACH STATEMENT EXECUTE FUNCTION leads_count_emails();

CREATE TRIGGER leads_count_delete AFTER DELETE ON leads_contactemail
  REFERENCING OLD TABLE AS changed_rows
  FOR EACH STATEMENT EXECUTE FUNCTION leads_count_emails();

-- A phone number or an email address that moves to another contact.
CREATE FUNCTION leads_count_moved_phone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  former bigint;
  latter bigint;
BEGIN
  PERFORM 1 FROM leads_contact
   WHERE organization_id = NEW.organization_id AND id IN (OLD.contact_id, NEW.contact_id)
   ORDER BY id FOR NO KEY UPDATE;
  SELECT lead_id INTO former FROM leads_contact
   WHERE organization_id = OLD.organization_id AND id = OLD.contact_id;
  SELECT lead_id INTO latter FROM leads_contact
   WHERE organization_id = NEW.organization_id AND id = NEW.contact_id;
  PERFORM 1 FROM leads_lead
   WHERE organization_id = NEW.organization_id AND id IN (former, latter)
   ORDER BY id FOR NO KEY UPDATE;
  UPDATE leads_lead SET phone_count = phone_count - 1
   WHERE organization_id = NEW.organization_id AND id = former;
  UPDATE leads_lead SET phone_count = phone_count + 1
   WHERE organization_id = NEW.organization_id AND id = latter;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_count_moved AFTER UPDATE OF contact_id ON leads_contactphone
  FOR EACH ROW WHEN (OLD.contact_id <> NEW.contact_id) EXECUTE FUNCTION leads_count_moved_phone();

CREATE FUNCTION leads_count_moved_email() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  former bigint;
  latter bigint;
BEGIN
  PERFORM 1 FROM leads_contact
   WHERE organization_id = NEW.organization_id AND id IN (OLD.contact_id, NEW.contact_id)
   ORDER BY id FOR NO KEY UPDATE;
  SELECT lead_id INTO former FROM leads_contact
   WHERE organization_id = OLD.organization_id AND id = OLD.contact_id;
  SELECT lead_id INTO latter FROM leads_contact
   WHERE organization_id = NEW.organization_id AND id = NEW.contact_id;
  PERFORM 1 FROM leads_lead
   WHERE organization_id = NEW.organization_id AND id IN (former, latter)
   ORDER BY id FOR NO KEY UPDATE;
  UPDATE leads_lead SET email_count = email_count - 1
   WHERE organization_id = NEW.organization_id AND id = former;
  UPDATE leads_lead SET email_count = email_count + 1
   WHERE organization_id = NEW.organization_id AND id = latter;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_count_moved AFTER UPDATE OF contact_id ON leads_contactemail
  FOR EACH ROW WHEN (OLD.contact_id <> NEW.contact_id) EXECUTE FUNCTION leads_count_moved_email();

CREATE FUNCTION leads_count_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
  UPDATE leads_lead l SET address_count = l.address_count + step * changed.number
  FROM (
    SELECT locked.id, locked.organization_id, number FROM leads_lead locked JOIN (
      SELECT organization_id, lead_id, count(*)::int AS number
        FROM changed_rows GROUP BY organization_id, lead_id
    ) counted ON counted.lead_id = locked.id AND counted.organization_id = locked.organization_id
    ORDER BY locked.id FOR NO KEY UPDATE OF locked
  ) changed
  WHERE l.id = changed.id AND l.organization_id = changed.organization_id;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_count_insert AFTER INSERT ON leads_address
  REFERENCING NEW TABLE AS changed_rows
  FOR EACH STATEMENT EXECUTE FUNCTION leads_count_addresses();

CREATE TRIGGER leads_count_delete AFTER DELETE ON leads_address
  REFERENCING OLD TABLE AS changed_rows
  FOR EACH STATEMENT EXECUTE FUNCTION leads_count_addresses();

CREATE FUNCTION leads_count_moved_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM leads_lead
   WHERE organization_id = NEW.organization_id AND id IN (OLD.lead_id, NEW.lead_id)
   ORDER BY id FOR NO KEY UPDATE;
  UPDATE leads_lead SET address_count = address_count - 1
   WHERE organization_id = OLD.organization_id AND id = OLD.lead_id;
  UPDATE leads_lead SET address_count = address_count + 1
   WHERE organization_id = NEW.organization_id AND id = NEW.lead_id;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_count_moved AFTER UPDATE OF lead_id ON leads_address
  FOR EACH ROW WHEN (OLD.lead_id <> NEW.lead_id) EXECUTE FUNCTION leads_count_moved_address();

-- Every branch locks the lead before it reads notes, in two statements: the second sees what
-- others committed while the first waited. A new note takes the lock by its update, even if it is
-- older than the newest one. Otherwise, a transaction that deletes the newest at the same time
-- wouldn't see it.
CREATE FUNCTION leads_note_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE leads_lead
       SET last_note_at = greatest(last_note_at, NEW.created), note_count = note_count + 1
     WHERE organization_id = NEW.organization_id AND id = NEW.lead_id;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM 1 FROM leads_lead
     WHERE organization_id = OLD.organization_id AND id = OLD.lead_id FOR NO KEY UPDATE;
    UPDATE leads_lead
       SET last_note_at = (SELECT max(created) FROM leads_note WHERE lead_id = leads_lead.id),
           note_count = note_count - 1
     WHERE organization_id = OLD.organization_id AND id = OLD.lead_id;
  ELSE
    PERFORM 1 FROM leads_lead
     WHERE organization_id = NEW.organization_id AND id IN (OLD.lead_id, NEW.lead_id)
     ORDER BY id FOR NO KEY UPDATE;
    UPDATE leads_lead
       SET last_note_at = (SELECT max(created) FROM leads_note WHERE lead_id = leads_lead.id),
           note_count = note_count + (id = NEW.lead_id)::int - (id = OLD.lead_id)::int
     WHERE organization_id = NEW.organization_id AND id IN (OLD.lead_id, NEW.lead_id);
  END IF;
  RETURN NULL;
END $$;

-- Editing the words of a note doesn't write its lead.
CREATE TRIGGER leads_note_rollup AFTER INSERT OR DELETE OR UPDATE OF lead_id, created ON leads_note
  FOR EACH ROW EXECUTE FUNCTION leads_note_rollup();
