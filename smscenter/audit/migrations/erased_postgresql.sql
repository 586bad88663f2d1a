-- One change of a record is allowed, for an erasure: what it said is replaced by the same words for all
-- records, once the log has a record of an erasure. Who did what, when, and from where stays.
-- As in SQLite.

CREATE OR REPLACE FUNCTION audit_record_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT 1 FROM audit_auditdeletion WHERE before > OLD.created) THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.action <> 'erased' AND EXISTS (
    SELECT 1 FROM audit_auditrecord
     WHERE organization_id IS NOT DISTINCT FROM OLD.organization_id
       AND action = 'erased' AND created >= OLD.created) THEN
    OLD.summary = OLD.actor_name || ': erased on request';
    OLD.changes = '[]';
    OLD.note = '';
    IF NEW IS NOT DISTINCT FROM OLD THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'audit_auditrecord: records are final'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
