-- What has to be counted again for the deliverability page, as in PostgreSQL: a row in
-- messaging_changedquarter for each quarter of an hour whose counted texts changed.
\set counted ('sent', 'error', 'inbox')
\set new_quarter datetime(unixepoch(NEW.created) / 900 * 900, 'unixepoch')
\set old_quarter datetime(unixepoch(OLD.created) / 900 * 900, 'unixepoch')
\set is_changed (NEW.status, NEW.created, NEW.reason, NEW.segments, NEW.encoding, NEW.handled, NEW.user_id, NEW.sender_id, NEW.template_id, NEW.lead_id, NEW.organization_id, NEW.text, NEW.sent_text) IS NOT (OLD.status, OLD.created, OLD.reason, OLD.segments, OLD.encoding, OLD.handled, OLD.user_id, OLD.sender_id, OLD.template_id, OLD.lead_id, OLD.organization_id, OLD.text, OLD.sent_text)

CREATE TRIGGER messaging_changed_inserted AFTER INSERT ON messaging_smsmessage
WHEN NEW.status IN :counted
BEGIN
  INSERT INTO messaging_changedquarter (organization_id, at)
  VALUES (NEW.organization_id, :new_quarter);
END;

CREATE TRIGGER messaging_changed_updated AFTER UPDATE ON messaging_smsmessage
WHEN (NEW.status IN :counted OR OLD.status IN :counted) AND :is_changed
BEGIN
  INSERT INTO messaging_changedquarter (organization_id, at)
  SELECT NEW.organization_id, :new_quarter WHERE NEW.status IN :counted
  UNION
  SELECT OLD.organization_id, :old_quarter WHERE OLD.status IN :counted;
END;

CREATE TRIGGER messaging_changed_deleted AFTER DELETE ON messaging_smsmessage
WHEN OLD.status IN :counted
BEGIN
  INSERT INTO messaging_changedquarter (organization_id, at)
  VALUES (OLD.organization_id, :old_quarter);
END;

-- Nobody sees the texts of a deleted lead, and they come back with it.
CREATE TRIGGER messaging_changed_lead_deleted AFTER INSERT ON leads_deletedlead
BEGIN
  INSERT INTO messaging_changedquarter (organization_id, at)
  SELECT DISTINCT organization_id, datetime(unixepoch(created) / 900 * 900, 'unixepoch')
    FROM messaging_smsmessage WHERE lead_id = NEW.lead_id AND status IN :counted;
END;

CREATE TRIGGER messaging_changed_lead_restored AFTER DELETE ON leads_deletedlead
BEGIN
  INSERT INTO messaging_changedquarter (organization_id, at)
  SELECT DISTINCT organization_id, datetime(unixepoch(created) / 900 * 900, 'unixepoch')
    FROM messaging_smsmessage WHERE lead_id = OLD.lead_id AND status IN :counted;
END;
