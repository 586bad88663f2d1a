-- What changes the inbox's threads besides texts, whatever writes it, as in SQLite. What texts change
-- is in texts_postgresql.sql.
--
--   a text of an unknown number opens the number's thread, unless the number is blocked
--   a thread follows its lead to a new owner, unless somebody else has it

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
