-- What leads_lead says of its messages, kept true for every writer. The same as for PostgreSQL:
--
--   sms_count, sent_sms_count, received_sms_count, failed_sms_count   by adding the difference
--   last_sms_at                                                       newest message of any kind
--   latest_sms_status, latest_sms_at, latest_sms_id                   newest by (created, id) among
--                                outgoing messages handed over for sending: outbox, sent, error

CREATE TRIGGER messaging_rollup_insert AFTER INSERT ON messaging_smsmessage BEGIN
  UPDATE leads_lead SET
    sms_count = sms_count + 1,
    sent_sms_count = sent_sms_count + (NEW.status = 'sent'),
    received_sms_count = received_sms_count + (NEW.direction = 'incoming'),
    failed_sms_count = failed_sms_count + (NEW.status = 'error'),
    last_sms_at = max(coalesce(last_sms_at, NEW.created), NEW.created)
  WHERE id = NEW.lead_id;
  UPDATE leads_lead SET
    latest_sms_status = NEW.status, latest_sms_at = NEW.created, latest_sms_id = NEW.id
  WHERE id = NEW.lead_id AND NEW.direction = 'outgoing' AND NEW.status IN ('outbox', 'sent', 'error')
    AND (latest_sms_at IS NULL OR (NEW.created, NEW.id) > (latest_sms_at, latest_sms_id));
END;

CREATE TRIGGER messaging_rollup_update AFTER UPDATE OF lead_id, status, direction, created ON messaging_smsmessage
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

CREATE TRIGGER messaging_rollup_delete AFTER DELETE ON messaging_smsmessage BEGIN
  UPDATE leads_lead SET
    sms_count = sms_count - 1,
    sent_sms_count = sent_sms_count - (OLD.status = 'sent'),
    received_sms_count = received_sms_count - (OLD.direction = 'incoming'),
    failed_sms_count = failed_sms_count - (OLD.status = 'error')
  WHERE id = OLD.lead_id;
  -- The aggregates make one row of none.
  UPDATE leads_lead SET
    last_sms_at = (SELECT max(created) FROM messaging_smsmessage WHERE lead_id = leads_lead.id),
    (latest_sms_status, latest_sms_at, latest_sms_id) = (
      SELECT coalesce(max(status), ''), max(created), max(id) FROM (
        SELECT status, created, id FROM messaging_smsmessage
         WHERE lead_id = leads_lead.id AND direction = 'outgoing' AND status IN ('outbox', 'sent', 'error')
         ORDER BY created DESC, id DESC LIMIT 1))
  WHERE id = OLD.lead_id AND (latest_sms_id = OLD.id OR last_sms_at <= OLD.created);
END;
