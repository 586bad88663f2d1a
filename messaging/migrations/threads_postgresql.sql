-- The inbox's threads, kept for every writer, as in SQLite:
--
--   an incoming text opens its lead's thread, and gives it to the lead's owner if nobody has it
--   a text that somebody writes answers it, and if that's undone, it waits again
--   a text of an unknown number opens the number's thread, unless the number is blocked
--   a thread follows its lead to a new owner, unless somebody else has it
--
-- Triggers run in the order of their names, so the rollup has locked the lead before.

CREATE FUNCTION messaging_thread_received() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messaging_thread AS t
    (organization_id, lead_id, remote, state, assignee_id, received, due)
  SELECT NEW.organization_id, NEW.lead_id, '', 'waiting', owner_id, NEW.created, NEW.created
    FROM leads_lead WHERE id = NEW.lead_id
  ON CONFLICT (lead_id) DO UPDATE SET
    assignee_id = CASE WHEN t.state = 'waiting' THEN t.assignee_id
                       ELSE coalesce(t.assignee_id, excluded.assignee_id) END,
    state = 'waiting',
    received = greatest(t.received, excluded.received),
    due = excluded.due;
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_thread_received AFTER INSERT ON messaging_smsmessage
  FOR EACH ROW WHEN (NEW.direction = 'incoming')
  EXECUTE FUNCTION messaging_thread_received();

CREATE FUNCTION messaging_thread_answered() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messaging_thread SET state = 'answered', replying_id = NULL, replying_until = NULL
   WHERE lead_id = NEW.lead_id AND state = 'waiting' AND received <= NEW.created;
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_thread_answered AFTER INSERT ON messaging_smsmessage
  FOR EACH ROW
  WHEN (NEW.direction = 'outgoing' AND NEW.automatic = '' AND NEW.status <> 'draft')
  EXECUTE FUNCTION messaging_thread_answered();

CREATE FUNCTION messaging_thread_undone() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messaging_thread t SET state = 'waiting'
   WHERE t.lead_id = OLD.lead_id AND t.state = 'answered' AND t.received <= OLD.created
     AND NOT EXISTS (
       SELECT 1 FROM messaging_smsmessage m
        WHERE m.lead_id = OLD.lead_id AND m.created >= t.received
          AND m.direction = 'outgoing' AND m.automatic = '' AND m.status <> 'draft');
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_thread_undone AFTER DELETE ON messaging_smsmessage
  FOR EACH ROW WHEN (OLD.direction = 'outgoing' AND OLD.automatic = '')
  EXECUTE FUNCTION messaging_thread_undone();

-- Texts that move to another lead take what waits with them.
CREATE FUNCTION messaging_thread_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messaging_thread AS t
    (organization_id, lead_id, remote, state, assignee_id, received, due)
  SELECT organization_id, NEW.lead_id, '', state, assignee_id, received, due
    FROM messaging_thread WHERE lead_id = OLD.lead_id
  ON CONFLICT (lead_id) DO UPDATE SET
    state = CASE WHEN excluded.state = 'waiting' THEN 'waiting' ELSE t.state END,
    received = greatest(t.received, excluded.received),
    due = greatest(t.due, excluded.due);
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_thread_moved AFTER UPDATE OF lead_id ON messaging_smsmessage
  FOR EACH ROW WHEN (NEW.lead_id <> OLD.lead_id AND NEW.direction = 'incoming')
  EXECUTE FUNCTION messaging_thread_moved();

CREATE FUNCTION messaging_thread_owner() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messaging_thread SET assignee_id = NEW.owner_id
   WHERE lead_id = NEW.id AND assignee_id IS NOT DISTINCT FROM OLD.owner_id;
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_thread_owner AFTER UPDATE OF owner_id ON leads_lead
  FOR EACH ROW WHEN (NEW.owner_id IS DISTINCT FROM OLD.owner_id)
  EXECUTE FUNCTION messaging_thread_owner();

CREATE FUNCTION messaging_thread_unmatched() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messaging_thread AS t (organization_id, remote, state, received, due)
  VALUES (NEW.organization_id, NEW.remote, 'waiting', NEW.received, NEW.received)
  ON CONFLICT (organization_id, remote) WHERE lead_id IS NULL DO UPDATE SET
    state = CASE WHEN t.state = 'blocked' THEN t.state ELSE 'waiting' END,
    received = greatest(t.received, excluded.received),
    due = excluded.due;
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_thread_unmatched AFTER INSERT ON messaging_unmatchedtext
  FOR EACH ROW WHEN (NEW.state IN ('unread', 'read'))
  EXECUTE FUNCTION messaging_thread_unmatched();

-- A lead has the number now.
CREATE FUNCTION messaging_thread_matched() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE messaging_thread SET state = 'done'
   WHERE organization_id = NEW.organization_id AND remote = NEW.remote AND lead_id IS NULL;
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_thread_matched AFTER UPDATE OF state ON messaging_unmatchedtext
  FOR EACH ROW WHEN (NEW.state = 'matched' AND OLD.state <> 'matched')
  EXECUTE FUNCTION messaging_thread_matched();

-- What waits already: recent replies, unless the person opted out, and unknown numbers.
INSERT INTO messaging_thread (organization_id, lead_id, remote, state, assignee_id, received, due)
SELECT l.organization_id, l.id, '', 'waiting', l.owner_id, l.last_sms_at, l.last_sms_at
  FROM leads_lead l
 WHERE l.received_sms_count > 0
   AND (l.latest_sms_at IS NULL OR l.last_sms_at > l.latest_sms_at)
   AND l.last_sms_at > now() - interval '30 days'
   AND NOT EXISTS (
     SELECT 1 FROM leads_contact c
       JOIN leads_contactphone p ON p.contact_id = c.id
       JOIN messaging_recipient r ON r.organization_id = l.organization_id AND r.phone = p.phone
       JOIN messaging_optout o ON o.recipient_id = r.id AND o.ended IS NULL
      WHERE c.lead_id = l.id);

INSERT INTO messaging_thread (organization_id, remote, state, received, due)
SELECT organization_id, remote, 'waiting', max(received), max(received)
  FROM messaging_unmatchedtext
 WHERE state IN ('unread', 'read')
 GROUP BY organization_id, remote;
