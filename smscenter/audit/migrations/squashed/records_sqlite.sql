-- Records are added, but never changed, as in PostgreSQL.

-- One change of a record is allowed, for an erasure: what it said is replaced by the same words for all
-- records, once the log has a record of an erasure. Who did what, when, and from where stays.
CREATE TRIGGER audit_record_final BEFORE UPDATE ON audit_auditrecord
WHEN NOT (
  (NEW.id, NEW.organization_id, NEW.actor_id, NEW.actor_name, NEW.action, NEW.kind)
    IS (OLD.id, OLD.organization_id, OLD.actor_id, OLD.actor_name, OLD.action, OLD.kind)
  AND (NEW.object_id, NEW.address, NEW.device, NEW.request_id, NEW.created)
    IS (OLD.object_id, OLD.address, OLD.device, OLD.request_id, OLD.created)
  AND (NEW.summary, NEW.changes, NEW.note)
    IS (OLD.actor_name || ': erased on request', '[]', '')
  AND OLD.action <> 'erased'
  AND EXISTS (
    SELECT 1 FROM audit_auditrecord
     WHERE organization_id IS OLD.organization_id AND action = 'erased' AND created >= OLD.created)
)
BEGIN SELECT RAISE(ABORT, 'audit_auditrecord: records are final'); END;

-- They can be deleted only when they're older than the time in audit_auditdeletion, which has a row
-- only while smscenter/audit/retention.py deletes.
CREATE TRIGGER audit_record_kept BEFORE DELETE ON audit_auditrecord
WHEN NOT EXISTS (SELECT 1 FROM audit_auditdeletion WHERE before > OLD.created)
BEGIN SELECT RAISE(ABORT, 'audit_auditrecord: records are final'); END;

-- INSERT OR REPLACE doesn't fire the triggers above.
CREATE TRIGGER audit_record_added BEFORE INSERT ON audit_auditrecord
WHEN EXISTS (SELECT 1 FROM audit_auditrecord WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit_auditrecord: records are final'); END;
