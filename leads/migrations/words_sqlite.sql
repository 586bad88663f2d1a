-- leads_leadwords has the words of each text of a lead, whatever writes the text, as in PostgreSQL.
-- search_words is a Python function of each connection that Django opens.

-- A search that can't start from the lead reads the words of one organization.
CREATE INDEX lead_words_organization ON leads_leadwords (organization_id, lead_id);

CREATE TRIGGER leads_words_lead_insert AFTER INSERT ON leads_lead
BEGIN
  INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
  SELECT NEW.organization_id, NEW.id, kind, NEW.id, search_words(text)
    FROM (SELECT 'name' AS kind, NEW.name AS text
          UNION ALL SELECT 'description', NEW.description
          UNION ALL SELECT 'url', NEW.url)
   WHERE text <> ''
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words;
END;

CREATE TRIGGER leads_words_lead_update AFTER UPDATE OF name, description, url ON leads_lead
BEGIN
  DELETE FROM leads_leadwords
   WHERE source = NEW.id
     AND (kind = 'name' AND NEW.name = ''
          OR kind = 'description' AND NEW.description = ''
          OR kind = 'url' AND NEW.url = '');
  INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
  SELECT NEW.organization_id, NEW.id, kind, NEW.id, search_words(text)
    FROM (SELECT 'name' AS kind, NEW.name AS text
          UNION ALL SELECT 'description', NEW.description
          UNION ALL SELECT 'url', NEW.url)
   WHERE text <> ''
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words;
END;

CREATE TRIGGER leads_words_contact_insert AFTER INSERT ON leads_contact
BEGIN
  INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
  SELECT NEW.organization_id, NEW.lead_id, kind, NEW.id, search_words(text)
    FROM (SELECT 'contact' AS kind, NEW.name AS text UNION ALL SELECT 'title', NEW.title)
   WHERE text <> ''
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words;
END;

-- A contact that moves to another lead takes the words of its email addresses along.
CREATE TRIGGER leads_words_contact_update AFTER UPDATE OF lead_id, name, title ON leads_contact
BEGIN
  DELETE FROM leads_leadwords
   WHERE source = NEW.id
     AND (kind = 'contact' AND NEW.name = '' OR kind = 'title' AND NEW.title = '');
  INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
  SELECT NEW.organization_id, NEW.lead_id, kind, NEW.id, search_words(text)
    FROM (SELECT 'contact' AS kind, NEW.name AS text UNION ALL SELECT 'title', NEW.title)
   WHERE text <> ''
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words;
  UPDATE leads_leadwords SET lead_id = NEW.lead_id
   WHERE NEW.lead_id <> OLD.lead_id AND kind = 'email'
     AND source IN (SELECT id FROM leads_contactemail WHERE contact_id = NEW.id);
END;

CREATE TRIGGER leads_words_email_insert AFTER INSERT ON leads_contactemail
BEGIN
  INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
  SELECT NEW.organization_id, lead_id, 'email', NEW.id, search_words(NEW.email)
    FROM leads_contact
   WHERE id = NEW.contact_id AND NEW.email <> ''
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words;
END;

CREATE TRIGGER leads_words_email_update AFTER UPDATE OF contact_id, email ON leads_contactemail
BEGIN
  DELETE FROM leads_leadwords WHERE kind = 'email' AND source = NEW.id AND NEW.email = '';
  INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
  SELECT NEW.organization_id, lead_id, 'email', NEW.id, search_words(NEW.email)
    FROM leads_contact
   WHERE id = NEW.contact_id AND NEW.email <> ''
  ON CONFLICT (source, kind) DO UPDATE
    SET organization_id = excluded.organization_id, lead_id = excluded.lead_id,
        words = excluded.words;
END;

CREATE TRIGGER leads_words_lead_delete AFTER DELETE ON leads_lead
BEGIN
  DELETE FROM leads_leadwords
   WHERE kind IN ('name', 'description', 'url') AND source = OLD.id;
END;

CREATE TRIGGER leads_words_contact_delete AFTER DELETE ON leads_contact
BEGIN
  DELETE FROM leads_leadwords WHERE kind IN ('contact', 'title') AND source = OLD.id;
END;

CREATE TRIGGER leads_words_email_delete AFTER DELETE ON leads_contactemail
BEGIN
  DELETE FROM leads_leadwords WHERE kind = 'email' AND source = OLD.id;
END;
