-- The triggers of texts also keep the date of a lead's oldest text, as in PostgreSQL:
--
--   first_sms_at   oldest text of any kind. While it's filled, NULL if the lead had texts before.
--
-- What else triggers_sqlite.sql says is still true.
\set handed_over ('outbox', 'sent', 'error')

DROP TRIGGER messaging_rollup_insert;
CREATE TRIGGER messaging_rollup_insert AFTER INSERT ON messaging_smsmessage
BEGIN
  UPDATE leads_lead SET
    sms_count = sms_count + 1,
    sent_sms_count = sent_sms_count + (NEW.status = 'sent'),
    received_sms_count = received_sms_count + (NEW.direction = 'incoming'),
    failed_sms_count = failed_sms_count + (NEW.status = 'error'),
    first_sms_at = CASE WHEN sms_count = 0 OR NEW.created < first_sms_at
      THEN NEW.created ELSE first_sms_at END,
    last_sms_at = max(coalesce(last_sms_at, NEW.created), NEW.created)
  WHERE id = NEW.lead_id;
  UPDATE leads_lead SET
    latest_sms_status = NEW.status, latest_sms_at = NEW.created, latest_sms_id = NEW.id
  WHERE id = NEW.lead_id AND NEW.status IN :handed_over
    AND (latest_sms_at IS NULL OR (NEW.created, NEW.id) > (latest_sms_at, latest_sms_id));
END;

-- A message that moves to another lead or time, or is taken back, may uncover another one, so
-- look for the oldest and the newest again. The aggregates return a row even without messages.
DROP TRIGGER messaging_rollup_moved;
CREATE TRIGGER messaging_rollup_moved
AFTER UPDATE OF lead_id, status, direction, created ON messaging_smsmessage
WHEN NEW.lead_id <> OLD.lead_id OR NEW.created <> OLD.created
  OR (OLD.status IN :handed_over AND NEW.status NOT IN :handed_over)
BEGIN
  UPDATE leads_lead SET
    sms_count = sms_count - 1,
    sent_sms_count = sent_sms_count - (OLD.status = 'sent'),
    received_sms_count = received_sms_count - (OLD.direction = 'incoming'),
    failed_sms_count = failed_sms_count - (OLD.status = 'error')
  WHERE id = OLD.lead_id;
  UPDATE leads_lead SET
    sms_count = sms_count + 1,
    sent_sms_count = sent_sms_count + (NEW.status = 'sent'),
    received_sms_count = received_sms_count + (NEW.direction = 'incoming'),
    failed_sms_count = failed_sms_count + (NEW.status = 'error')
  WHERE id = NEW.lead_id;
  UPDATE leads_lead SET
    first_sms_at = (SELECT min(created) FROM messaging_smsmessage WHERE lead_id = leads_lead.id),
    last_sms_at = (SELECT max(created) FROM messaging_smsmessage WHERE lead_id = leads_lead.id),
    (latest_sms_status, latest_sms_at, latest_sms_id) = (
      SELECT coalesce(max(status), ''), max(created), max(id) FROM (
        SELECT status, created, id FROM messaging_smsmessage
         WHERE lead_id = leads_lead.id AND status IN :handed_over
         ORDER BY created DESC, id DESC LIMIT 1))
  WHERE id IN (OLD.lead_id, NEW.lead_id);
END;

-- A deleted message subtracts itself. Only the oldest or the newest may uncover another one.
DROP TRIGGER messaging_rollup_delete;
CREATE TRIGGER messaging_rollup_delete AFTER DELETE ON messaging_smsmessage
BEGIN
  UPDATE leads_lead SET
    sms_count = sms_count - 1,
    sent_sms_count = sent_sms_count - (OLD.status = 'sent'),
    received_sms_count = received_sms_count - (OLD.direction = 'incoming'),
    failed_sms_count = failed_sms_count - (OLD.status = 'error')
  WHERE id = OLD.lead_id;
  UPDATE leads_lead SET
    first_sms_at = (SELECT min(created) FROM messaging_smsmessage WHERE lead_id = leads_lead.id),
    last_sms_at = (SELECT max(created) FROM messaging_smsmessage WHERE lead_id = leads_lead.id),
    (latest_sms_status, latest_sms_at, latest_sms_id) = (
      SELECT coalesce(max(status), ''), max(created), max(id) FROM (
        SELECT status, created, id FROM messaging_smsmessage
         WHERE lead_id = leads_lead.id AND status IN :handed_over
         ORDER BY created DESC, id DESC LIMIT 1))
  WHERE id = OLD.lead_id
    AND (latest_sms_id = OLD.id OR first_sms_at >= OLD.created OR last_sms_at <= OLD.created);
END;
