-- The columns of leads_lead about its messages, kept correct for every writer, as in SQLite:
--
--   sms_count, sent_sms_count, received_sms_count, failed_sms_count   by adding the difference
--   last_sms_at                                                       newest message of any kind
--   latest_sms_status, latest_sms_at, latest_sms_id                   newest by (created, id) among
--                                                                     messages that were handed over
--
-- A lead's row is locked by its own update, so concurrent writers of one lead wait for each other.
-- A transaction that writes messages of several leads must do so in the order of lead_id.

-- Whether a message was handed over for sending.
CREATE FUNCTION messaging_handed_over(m messaging_smsmessage) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT m.direction = 'outgoing' AND m.status IN ('outbox', 'sent', 'error')
$$;

-- Add a message to the counts of its lead (step 1), or subtract it (step -1).
CREATE FUNCTION messaging_count(m messaging_smsmessage, step int) RETURNS void
LANGUAGE sql AS $$
  UPDATE leads_lead SET
    sms_count = sms_count + step,
    sent_sms_count = sent_sms_count + step * (m.status = 'sent')::int,
    received_sms_count = received_sms_count + step * (m.direction = 'incoming')::int,
    failed_sms_count = failed_sms_count + step * (m.status = 'error')::int
  WHERE id = m.lead_id
$$;

-- Find the newest messages of a lead again: two short scans of the index sms_lead_created.
CREATE FUNCTION messaging_seek(lead bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  latest record;
BEGIN
  SELECT m.id, m.status, m.created INTO latest FROM messaging_smsmessage m
   WHERE m.lead_id = lead AND messaging_handed_over(m)
   ORDER BY m.created DESC, m.id DESC LIMIT 1;
  UPDATE leads_lead SET
    last_sms_at = (SELECT max(created) FROM messaging_smsmessage WHERE lead_id = lead),
    latest_sms_status = coalesce(latest.status, ''),
    latest_sms_at = latest.created,
    latest_sms_id = latest.id
  WHERE id = lead;
END $$;

-- `counts` and `counted`: whether the message is, and was, one that was handed over.
CREATE FUNCTION messaging_rollup() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  counts boolean;
  counted boolean;
BEGIN
  -- A new message adds itself, and is the latest unless a newer one was there first.
  IF TG_OP = 'INSERT' THEN
    counts := messaging_handed_over(NEW);
    UPDATE leads_lead SET
      sms_count = sms_count + 1,
      sent_sms_count = sent_sms_count + (NEW.status = 'sent')::int,
      received_sms_count = received_sms_count + (NEW.direction = 'incoming')::int,
      failed_sms_count = failed_sms_count + (NEW.status = 'error')::int,
      last_sms_at = greatest(last_sms_at, NEW.created),
      latest_sms_status = CASE
        WHEN counts AND (latest_sms_at IS NULL
                         OR (NEW.created, NEW.id) > (latest_sms_at, latest_sms_id))
        THEN NEW.status ELSE latest_sms_status END,
      latest_sms_id = CASE
        WHEN counts AND (latest_sms_at IS NULL
                         OR (NEW.created, NEW.id) > (latest_sms_at, latest_sms_id))
        THEN NEW.id ELSE latest_sms_id END,
      latest_sms_at = CASE
        WHEN counts THEN greatest(latest_sms_at, NEW.created) ELSE latest_sms_at END
    WHERE id = NEW.lead_id;
    RETURN NULL;
  END IF;

  -- From here on the lock and what reads the messages are two statements, so that the second sees
  -- what others committed while the first waited.

  -- A deleted message subtracts itself. Only the newest may uncover an older one.
  IF TG_OP = 'DELETE' THEN
    PERFORM 1 FROM leads_lead WHERE id = OLD.lead_id FOR NO KEY UPDATE;
    PERFORM messaging_count(OLD, -1);
    IF EXISTS (SELECT 1 FROM leads_lead
                WHERE id = OLD.lead_id
                  AND (latest_sms_id = OLD.id OR last_sms_at <= OLD.created)) THEN
      PERFORM messaging_seek(OLD.lead_id);
    END IF;
    RETURN NULL;
  END IF;

  -- A message that stays, or becomes, one that was handed over changes its lead by the difference.
  counts := messaging_handed_over(NEW);
  counted := messaging_handed_over(OLD);
  IF NEW.lead_id = OLD.lead_id AND NEW.created = OLD.created AND (counts OR NOT counted) THEN
    UPDATE leads_lead SET
      sent_sms_count = sent_sms_count + (NEW.status = 'sent')::int - (OLD.status = 'sent')::int,
      received_sms_count = received_sms_count
        + (NEW.direction = 'incoming')::int - (OLD.direction = 'incoming')::int,
      failed_sms_count = failed_sms_count
        + (NEW.status = 'error')::int - (OLD.status = 'error')::int,
      latest_sms_status = CASE
        WHEN counts AND (latest_sms_at IS NULL
                         OR (NEW.created, NEW.id) >= (latest_sms_at, latest_sms_id))
        THEN NEW.status ELSE latest_sms_status END,
      latest_sms_id = CASE
        WHEN counts AND (latest_sms_at IS NULL
                         OR (NEW.created, NEW.id) >= (latest_sms_at, latest_sms_id))
        THEN NEW.id ELSE latest_sms_id END,
      latest_sms_at = CASE
        WHEN counts THEN greatest(latest_sms_at, NEW.created) ELSE latest_sms_at END
    WHERE id = NEW.lead_id;
    RETURN NULL;
  END IF;

  -- A message that moves to another lead or time, or is taken back, may uncover an older one.
  PERFORM 1 FROM leads_lead WHERE id IN (OLD.lead_id, NEW.lead_id) ORDER BY id FOR NO KEY UPDATE;
  PERFORM messaging_count(OLD, -1);
  PERFORM messaging_count(NEW, 1);
  PERFORM messaging_seek(OLD.lead_id);
  IF NEW.lead_id <> OLD.lead_id THEN
    PERFORM messaging_seek(NEW.lead_id);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_rollup AFTER INSERT OR DELETE ON messaging_smsmessage
  FOR EACH ROW EXECUTE FUNCTION messaging_rollup();

-- `save()` writes every column: if none of these changed, the lead needs no write. Only an update
-- has both rows for a WHEN to compare, so it has a trigger of its own.
CREATE TRIGGER messaging_rollup_update
  AFTER UPDATE OF lead_id, status, direction, created ON messaging_smsmessage
  FOR EACH ROW
  WHEN ((OLD.lead_id, OLD.status, OLD.direction, OLD.created)
        IS DISTINCT FROM (NEW.lead_id, NEW.status, NEW.direction, NEW.created))
  EXECUTE FUNCTION messaging_rollup();

CREATE FUNCTION messaging_rollup_truncated() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE leads_lead SET
    sms_count = 0, sent_sms_count = 0, received_sms_count = 0, failed_sms_count = 0,
    last_sms_at = NULL, latest_sms_status = '', latest_sms_at = NULL, latest_sms_id = NULL
  WHERE sms_count <> 0;
  RETURN NULL;
END $$;

-- TRUNCATE runs no trigger for its rows.
CREATE TRIGGER messaging_rollup_truncated AFTER TRUNCATE ON messaging_smsmessage
  FOR EACH STATEMENT EXECUTE FUNCTION messaging_rollup_truncated();

-- Index-only counts need a fresh visibility map, and every message writes its lead.
ALTER TABLE leads_lead SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02
);
