-- leads_lead.last_note_at is the newest leads_note.created of the lead, whatever writes the notes.

-- A new note can only move the column forward.
CREATE TRIGGER leads_note_rollup_insert AFTER INSERT ON leads_note
BEGIN
  UPDATE leads_lead SET last_note_at = NEW.created
   WHERE id = NEW.lead_id AND (last_note_at IS NULL OR last_note_at < NEW.created);
END;

-- A note that moves to another lead or time may uncover an older one, so look for the newest again.
CREATE TRIGGER leads_note_rollup_update AFTER UPDATE OF lead_id, created ON leads_note
BEGIN
  UPDATE leads_lead
     SET last_note_at = (SELECT max(created) FROM leads_note WHERE lead_id = leads_lead.id)
   WHERE id IN (OLD.lead_id, NEW.lead_id);
END;

-- So may a deleted one.
CREATE TRIGGER leads_note_rollup_delete AFTER DELETE ON leads_note
BEGIN
  UPDATE leads_lead
     SET last_note_at = (SELECT max(created) FROM leads_note WHERE lead_id = leads_lead.id)
   WHERE id = OLD.lead_id;
END;
