-- What has to be counted again for the deliverability page: a row in messaging_changedquarter for
-- each quarter of an hour whose counted texts changed. Rows are only inserted, once for each
-- statement, so that writers never wait for each other.

-- Whether a message is one that's counted.
CREATE FUNCTION messaging_is_counted(status varchar) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT status IN ('sent', 'error', 'inbox')
$$;

CREATE FUNCTION messaging_quarter(moment timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
  SELECT to_timestamp(floor(extract(epoch FROM moment) / 900) * 900)
$$;

CREATE FUNCTION messaging_changed_inserted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messaging_changedquarter (organization_id, at)
  SELECT DISTINCT organization_id, messaging_quarter(created) FROM new_messages
   WHERE messaging_is_counted(status);
  RETURN NULL;
END $$;

CREATE FUNCTION messaging_changed_deleted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messaging_changedquarter (organization_id, at)
  SELECT DISTINCT organization_id, messaging_quarter(created) FROM old_messages
   WHERE messaging_is_counted(status);
  RETURN NULL;
END $$;

CREATE FUNCTION messaging_changed_updated() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messaging_changedquarter (organization_id, at)
  SELECT DISTINCT each.organization_id, messaging_quarter(each.created)
    FROM new_messages n
    JOIN old_messages o USING (id)
    CROSS JOIN LATERAL (
      VALUES (n.organization_id, n.created, n.status), (o.organization_id, o.created, o.status)
    ) AS each (organization_id, created, status)
   WHERE messaging_is_counted(each.status)
     AND (n.status <> o.status OR n.created <> o.created OR n.reason <> o.reason
          OR n.segments <> o.segments OR n.encoding <> o.encoding
          OR n.handled IS DISTINCT FROM o.handled
          OR n.user_id IS DISTINCT FROM o.user_id
          OR n.sender_id IS DISTINCT FROM o.sender_id
          OR n.template_id IS DISTINCT FROM o.template_id
          OR n.lead_id <> o.lead_id OR n.organization_id <> o.organization_id
          OR n.encoding = 'UCS-2' AND (n.text <> o.text OR n.sent_text <> o.sent_text));
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_changed_inserted AFTER INSERT ON messaging_smsmessage
  REFERENCING NEW TABLE AS new_messages
  FOR EACH STATEMENT EXECUTE FUNCTION messaging_changed_inserted();

CREATE TRIGGER messaging_changed_updated AFTER UPDATE ON messaging_smsmessage
  REFERENCING OLD TABLE AS old_messages NEW TABLE AS new_messages
  FOR EACH STATEMENT EXECUTE FUNCTION messaging_changed_updated();

CREATE TRIGGER messaging_changed_deleted AFTER DELETE ON messaging_smsmessage
  REFERENCING OLD TABLE AS old_messages
  FOR EACH STATEMENT EXECUTE FUNCTION messaging_changed_deleted();

-- Nobody sees the texts of a deleted lead, and they come back with it.
CREATE FUNCTION messaging_changed_lead() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messaging_changedquarter (organization_id, at)
  SELECT DISTINCT organization_id, messaging_quarter(created) FROM messaging_smsmessage
   WHERE lead_id = coalesce(NEW.lead_id, OLD.lead_id) AND messaging_is_counted(status);
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_changed_lead AFTER INSERT OR DELETE ON leads_deletedlead
  FOR EACH ROW EXECUTE FUNCTION messaging_changed_lead();

CREATE FUNCTION messaging_changed_truncated() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM messaging_textcount;
  DELETE FROM messaging_changedquarter;
  RETURN NULL;
END $$;

-- TRUNCATE runs no trigger for its rows.
CREATE TRIGGER messaging_changed_truncated AFTER TRUNCATE ON messaging_smsmessage
  FOR EACH STATEMENT EXECUTE FUNCTION messaging_changed_truncated();
