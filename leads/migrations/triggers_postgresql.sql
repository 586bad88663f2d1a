-- leads_lead.last_note_at is the newest leads_note.created of the lead, whatever writes the notes.

-- Every branch locks the lead before it reads notes, in two statements: the second sees what
-- others committed while the first waited. A new note takes the lock by its update, even if it is
-- older than the newest one. Otherwise, a transaction that deletes the newest at the same time
-- wouldn't see it.
CREATE FUNCTION leads_note_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE leads_lead SET last_note_at = greatest(last_note_at, NEW.created)
     WHERE id = NEW.lead_id;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM 1 FROM leads_lead WHERE id = OLD.lead_id FOR NO KEY UPDATE;
    UPDATE leads_lead
       SET last_note_at = (SELECT max(created) FROM leads_note WHERE lead_id = leads_lead.id)
     WHERE id = OLD.lead_id;
  ELSE
    PERFORM 1 FROM leads_lead WHERE id IN (OLD.lead_id, NEW.lead_id)
      ORDER BY id FOR NO KEY UPDATE;
    UPDATE leads_lead
       SET last_note_at = (SELECT max(created) FROM leads_note WHERE lead_id = leads_lead.id)
     WHERE id IN (OLD.lead_id, NEW.lead_id);
  END IF;
  RETURN NULL;
END $$;

-- Editing the words of a note doesn't write its lead.
CREATE TRIGGER leads_note_rollup AFTER INSERT OR DELETE OR UPDATE OF lead_id, created ON leads_note
  FOR EACH ROW EXECUTE FUNCTION leads_note_rollup();
