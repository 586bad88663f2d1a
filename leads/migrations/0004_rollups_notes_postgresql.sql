-- A note that is older than the newest one has to wait for its lead's lock too. Otherwise somebody
-- who deletes the newest note at that moment does not see it, and nobody looks again.

CREATE OR REPLACE FUNCTION leads_note_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE leads_lead SET last_note_at = greatest(last_note_at, NEW.created) WHERE id = NEW.lead_id;
    RETURN NULL;
  END IF;
  -- The lock and the update are two statements: the second sees what was committed meanwhile.
  IF TG_OP = 'DELETE' THEN
    PERFORM 1 FROM leads_lead WHERE id = OLD.lead_id FOR NO KEY UPDATE;
    UPDATE leads_lead SET last_note_at = (SELECT max(created) FROM leads_note WHERE lead_id = leads_lead.id)
     WHERE id = OLD.lead_id;
  ELSE
    PERFORM 1 FROM leads_lead WHERE id IN (OLD.lead_id, NEW.lead_id) ORDER BY id FOR NO KEY UPDATE;
    UPDATE leads_lead SET last_note_at = (SELECT max(created) FROM leads_note WHERE lead_id = leads_lead.id)
     WHERE id IN (OLD.lead_id, NEW.lead_id);
  END IF;
  RETURN NULL;
END $$;
