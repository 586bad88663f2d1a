-- leads_leadwords has the words of each text of a lead, whatever writes the text, as in SQLite.
--
-- Statements name the organization, so that a database split by organization asks the one machine that
-- has its rows. Those that read the rows of one contact or lead don't: before ANALYZE, PostgreSQL would
-- also read the organization in another index, for each row of an import.

CREATE INDEX lead_words_index ON leads_leadwords USING gin (organization_id, words);
-- Prefixes are only estimated if at least 100 words are known.
ALTER TABLE leads_leadwords ALTER COLUMN words SET STATISTICS 500;

-- Rows that are added at once, such as those of an import, get their words at once.
CREATE FUNCTION leads_words_of_new_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
  SELECT organization_id, id, kind, id, to_tsvector('simple', search_words(text))
    FROM new_leads,
         LATERAL (VALUES ('name', name), ('description', description), ('url', url)) t (kind, text)
   WHERE text <> ''
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_words_insert AFTER INSERT ON leads_lead
  REFERENCING NEW TABLE AS new_leads
  FOR EACH STATEMENT EXECUTE FUNCTION leads_words_of_new_leads();

CREATE FUNCTION leads_words_of_new_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
  SELECT organization_id, lead_id, kind, id, to_tsvector('simple', search_words(text))
    FROM new_contacts,
         LATERAL (VALUES ('contact', name), ('title', title)) t (kind, text)
   WHERE text <> ''
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_words_insert AFTER INSERT ON leads_contact
  REFERENCING NEW TABLE AS new_contacts
  FOR EACH STATEMENT EXECUTE FUNCTION leads_words_of_new_contacts();

-- The lock waits for a contact that moves to another lead, and keeps it from moving meanwhile.
CREATE FUNCTION leads_words_of_new_emails() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER leads_words_insert AFTER INSERT ON leads_contactemail
  REFERENCING NEW TABLE AS new_emails
  FOR EACH STATEMENT EXECUTE FUNCTION leads_words_of_new_emails();

CREATE FUNCTION leads_store_words(
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

CREATE FUNCTION leads_words_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM leads_store_words(NEW.organization_id, NEW.id, 'name', NEW.id, NEW.name),
          leads_store_words(NEW.organization_id, NEW.id, 'description', NEW.id, NEW.description),
          leads_store_words(NEW.organization_id, NEW.id, 'url', NEW.id, NEW.url);
  RETURN NULL;
END $$;

CREATE TRIGGER leads_words_update AFTER UPDATE OF name, description, url ON leads_lead
  FOR EACH ROW EXECUTE FUNCTION leads_words_of_lead();

-- A contact that moves to another lead takes the words of its email addresses along.
CREATE FUNCTION leads_words_of_contact() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER leads_words_update AFTER UPDATE OF lead_id, name, title ON leads_contact
  FOR EACH ROW EXECUTE FUNCTION leads_words_of_contact();

CREATE FUNCTION leads_words_of_email() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  lead bigint;
BEGIN
  SELECT lead_id INTO lead FROM leads_contact
   WHERE organization_id = NEW.organization_id AND id = NEW.contact_id FOR NO KEY UPDATE;
  PERFORM leads_store_words(NEW.organization_id, lead, 'email', NEW.id, NEW.email);
  RETURN NULL;
END $$;

CREATE TRIGGER leads_words_update AFTER UPDATE OF contact_id, email ON leads_contactemail
  FOR EACH ROW EXECUTE FUNCTION leads_words_of_email();

-- The arguments are the kinds of the row's texts.
CREATE FUNCTION leads_words_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM leads_leadwords
   WHERE organization_id = OLD.organization_id AND kind = ANY (TG_ARGV) AND source = OLD.id;
  RETURN NULL;
END $$;

CREATE TRIGGER leads_words_delete AFTER DELETE ON leads_lead
  FOR EACH ROW EXECUTE FUNCTION leads_words_delete('name', 'description', 'url');

CREATE TRIGGER leads_words_delete AFTER DELETE ON leads_contact
  FOR EACH ROW EXECUTE FUNCTION leads_words_delete('contact', 'title');

CREATE TRIGGER leads_words_delete AFTER DELETE ON leads_contactemail
  FOR EACH ROW EXECUTE FUNCTION leads_words_delete('email');
