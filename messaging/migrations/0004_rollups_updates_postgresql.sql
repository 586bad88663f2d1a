-- `save()` writes every column: what did not change needs no write of the lead. Only an update has
-- both rows for a WHEN to compare, so it gets a trigger of its own.

DROP TRIGGER messaging_rollup ON messaging_smsmessage;

CREATE TRIGGER messaging_rollup AFTER INSERT OR DELETE ON messaging_smsmessage
  FOR EACH ROW EXECUTE FUNCTION messaging_rollup();

CREATE TRIGGER messaging_rollup_update
  AFTER UPDATE OF lead_id, status, direction, created ON messaging_smsmessage
  FOR EACH ROW
  WHEN ((OLD.lead_id, OLD.status, OLD.direction, OLD.created)
        IS DISTINCT FROM (NEW.lead_id, NEW.status, NEW.direction, NEW.created))
  EXECUTE FUNCTION messaging_rollup();
