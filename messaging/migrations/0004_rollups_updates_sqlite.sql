-- The two ways of PostgreSQL's trigger: a message that stays or becomes one that was handed over
-- changes its lead by the difference; only what may uncover an older message looks for the newest
-- again. What did not change (`save()` writes every column) needs no write of the lead.

DROP TRIGGER messaging_rollup_update;

CREATE TRIGGER messaging_rollup_update AFTER UPDATE OF lead_id, status, direction, created ON messaging_smsmessage
WHEN NEW.lead_id = OLD.lead_id AND NEW.created = OLD.created
  AND (NEW.status <> OLD.status OR NEW.direction <> OLD.direction)
  AND ((NEW.direction = 'outgoing' AND NEW.status IN ('outbox', 'sent', 'error'))
       OR NOT (OLD.direction = 'outgoing' AND OLD.status IN ('outbox', 'sent', 'error')))
BEGIN
  UPDATE leads_lead SET
    sent_sms_count = sent_sms_count + (NEW.status = 'sent') - (OLD.status = 'sent'),
    received_sms_count = received_sms_count + (NEW.direction = 'incoming') - (OLD.direction = 'incoming'),
    failed_sms_count = failed_sms_count + (NEW.status = 'error') - (OLD.status = 'error')
  WHERE id = NEW.lead_id;
  UPDATE leads_lead SET
    latest_sms_status = NEW.status, latest_sms_at = NEW.created, latest_sms_id = NEW.id
  WHERE id = NEW.lead_id AND NEW.direction = 'outgoing' AND NEW.status IN ('outbox', 'sent', 'error')
    AND (latest_sms_at IS NULL OR (NEW.created, NEW.id) >= (latest_sms_at, latest_sms_id));
END;

CREATE TRIGGER messaging_rollup_moved AFTER UPDATE OF lead_id, status, direction, created ON messaging_smsmessage
WHEN NEW.lead_id <> OLD.lead_id OR NEW.created <> OLD.created
  OR ((OLD.direction = 'outgoing' AND OLD.status IN ('outbox', 'sent', 'error'))
      AND NOT (NEW.direction = 'outgoing' AND NEW.status IN ('outbox', 'sent', 'error')))
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
  -- The aggregates make one row of none.
  UPDATE leads_lead SET
    last_sms_at = (SELECT max(created) FROM messaging_smsmessage WHERE lead_id = leads_lead.id),
    (latest_sms_status, latest_sms_at, latest_sms_id) = (
      SELECT coalesce(max(status), ''), max(created), max(id) FROM (
        SELECT status, created, id FROM messaging_smsmessage
         WHERE lead_id = leads_lead.id AND direction = 'outgoing' AND status IN ('outbox', 'sent', 'error')
         ORDER BY created DESC, id DESC LIMIT 1))
  WHERE id IN (OLD.lead_id, NEW.lead_id);
END;
