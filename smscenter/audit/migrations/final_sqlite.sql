-- Records are added, but never changed. They can be deleted only when they're older than the time in
-- audit_auditdeletion, which has a row only while smscenter/audit/retention.py deletes.

CREATE TRIGGER audit_record_final BEFORE UPDATE ON audit_auditrecord
BEGIN SELECT RAISE(ABORT, 'audit_auditrecord: records are final'); END;

CREATE TRIGGER audit_record_kept BEFORE DELETE ON audit_auditrecord
WHEN NOT EXISTS (SELECT 1 FROM audit_auditdeletion WHERE before > OLD.created)
BEGIN SELECT RAISE(ABORT, 'audit_auditrecord: records are final'); END;

-- INSERT OR REPLACE doesn't fire the triggers above.
CREATE TRIGGER audit_record_added BEFORE INSERT ON audit_auditrecord
WHEN EXISTS (SELECT 1 FROM audit_auditrecord WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit_auditrecord: records are final'); END;
