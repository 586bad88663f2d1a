-- The columns of leads_lead about its messages, kept correct for every writer, as in PostgreSQL:
--
--   sms_count, sent_sms_count, received_sms_count, failed_sms_count   by adding the difference
--   last_sms_at                                                       newest message of any kind
--   latest_sms_status, latest_sms_at, latest_sms_id                   newest by (created, id) among
--                                                                     messages that were handed over
--
-- A message was handed over for sending if its status is one of these. Only outgoing messages have
-- them (constraint sms_direction_status).
\set handed_over ('outbox', 'sent', 'error')

-- A new message adds itself, and is the latest unless a newer one was there first.
CREATE TRIGGER messaging_rollup_insert AFTER INSERT ON messaging_smsmessage
BEGIN
  UPDATE leads_lead SET
    sms_count = sms_count + 1,
    sent_sms_count = sent_sms_count + (NEW.status = 'sent'),
    received_sms_count = received_sms_count + (NEW.direction = 'incoming'),
    failed_sms_count = failed_sms_count + (NEW.status = 'error'),
    last_sms_at = max(coalesce(last_sms_at, NEW.created), NEW.created)
  WHERE id = NEW.lead_id;
  UPDATE leads_lead SET
    latest_sms_status = NEW.status, latest_sms_at = NEW.created, latest_sms_id = NEW.id
  WHERE id = NEW.lead_id AND NEW.status IN :handed_over
    AND (latest_sms_at IS NULL OR (NEW.created, NEW.id) > (latest_sms_at, latest_sms_id));
END;

-- A message that stays, or becomes, one that was handed over changes its lead by the difference.
-- `save()` writes every column: if none of these changed, the lead needs no write.
CREATE TRIGGER messaging_rollup_update
AFTER UPDATE OF lead_id, status, direction, created ON messaging_smsmessage
WHEN NEW.lead_id = OLD.lead_id AND NEW.created = OLD.created
  AND (NEW.status <> OLD.status OR NEW.direction <> OLD.direction)
  AND (NEW.status IN :handed_over OR OLD.status NOT IN :handed_over)
BEGIN
  UPDATE leads_lead SET
    sent_sms_count = sent_sms_count + (NEW.status = 'sent') - (OLD.status = 'sent'),
    received_sms_count =
      received_sms_count + (NEW.direction = 'incoming') - (OLD.direction = 'incoming'),
    failed_sms_count = failed_sms_count + (NEW.status = 'error') - (OLD.status = 'error')
  WHERE id = NEW.lead_id;
  UPDATE leads_lead SET
    latest_sms_status = NEW.status, latest_sms_at = NEW.created, latest_sms_id = NEW.id
  WHERE id = NEW.lead_id AND NEW.status IN :handed_over
    AND (latest_sms_at IS NULL OR (NEW.created, NEW.id) >= (latest_sms_at, latest_sms_id));
END;

-- A message that moves to another lead or time, or is taken back, may uncover an older one, so
-- look for the newest again. The aggregates return a row even without messages.
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
    last_sms_at = (SELECT max(created) FROM messaging_smsmessage WHERE lead_id = leads_lead.id),
    (latest_sms_status, latest_sms_at, latest_sms_id) = (
      SELECT coalesce(max(status), ''), max(created), max(id) FROM (
        SELECT status, created, id FROM messaging_smsmessage
         WHERE lead_id = leads_lead.id AND status IN :handed_over
         ORDER BY created DESC, id DESC LIMIT 1))
  WHERE id IN (OLD.lead_id, NEW.lead_id);
END;

-- A deleted message subtracts itself. Only the newest may uncover an older one.
CREATE TRIGGER messaging_rollup_delete AFTER DELETE ON messaging_smsmessage
BEGIN
  UPDATE leads_lead SET
    sms_count = sms_count - 1,
    sent_sms_count = sent_sms_count - (OLD.status = 'sent'),
    received_sms_count = received_sms_count - (OLD.direction = 'incoming'),
    failed_sms_count = failed_sms_count - (OLD.status = 'error')
  WHERE id = OLD.lead_id;
  UPDATE leads_lead SET
    last_sms_at = (SELECT max(created) FROM messaging_smsmessage WHERE lead_id = leads_lead.id),
    (latest_sms_status, latest_sms_at, latest_sms_id) = (
      SELECT coalesce(max(status), ''), max(created), max(id) FROM (
        SELECT status, created, id FROM messaging_smsmessage
         WHERE lead_id = leads_lead.id AND status IN :handed_over
         ORDER BY created DESC, id DESC LIMIT 1))
  WHERE id = OLD.lead_id AND (latest_sms_id = OLD.id OR last_sms_at <= OLD.created);
END;
