-- Functions of triggers as before, but statements name the organization, so that a database split by
-- organization asks the one machine that has its rows.
--
-- Those that read the rows of one contact or lead don't: before ANALYZE, PostgreSQL would also read
-- the organization in another index, for each row of an import.

CREATE OR REPLACE FUNCTION leads_count_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION leads_count_moved_contact() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION leads_count_phones() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION leads_count_emails() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION leads_count_moved_phone() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION leads_count_moved_email() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION leads_count_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION leads_count_moved_address() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION leads_note_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION leads_words_of_new_emails() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
  SELECT e.organization_id, c.lead_id, 'email', e.id, to_tsvector('simple', search_words(e.email))
    FROM new_emails e JOIN leads_contact c
    ON c.id = e.contact_id AND c.organization_id = e.organization_id
   WHERE e.email <> ''
   ORDER BY c.id FOR NO KEY UPDATE OF c
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION leads_store_words(
  organization bigint, lead bigint, text_kind text, text_source bigint, text text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF text = '' THEN
    DELETE FROM leads_leadwords
     WHERE organization_id = organization AND kind = text_kind AND source = text_source;
    RETURN;
  END IF;
  INSERT INTO leads_leadwords AS stored (organization_id, lead_id, kind, source, words)
  VALUES (organization, lead, text_kind, text_source, to_tsvector('simple', search_words(text)))
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words
  WHERE (stored.organization_id, stored.lead_id, stored.words)
     <> (excluded.organization_id, excluded.lead_id, excluded.words);
END $$;

CREATE OR REPLACE FUNCTION leads_words_of_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM leads_store_words(NEW.organization_id, NEW.lead_id, 'contact', NEW.id, NEW.name),
          leads_store_words(NEW.organization_id, NEW.lead_id, 'title', NEW.id, NEW.title);
  IF NEW.lead_id <> OLD.lead_id THEN
    UPDATE leads_leadwords SET lead_id = NEW.lead_id
     WHERE organization_id = NEW.organization_id AND kind = 'email'
       AND source IN (SELECT id FROM leads_contactemail WHERE contact_id = NEW.id);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION leads_words_of_email() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  lead bigint;
BEGIN
  SELECT lead_id INTO lead FROM leads_contact
   WHERE organization_id = NEW.organization_id AND id = NEW.contact_id FOR NO KEY UPDATE;
  PERFORM leads_store_words(NEW.organization_id, lead, 'email', NEW.id, NEW.email);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION leads_words_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM leads_leadwords
   WHERE organization_id = OLD.organization_id AND kind = ANY (TG_ARGV) AND source = OLD.id;
  RETURN NULL;
END $$;
