-- Records are added, but never changed, as in SQLite.
--
-- They can be deleted only when they're older than the time in audit_auditdeletion, which has a row
-- only while smscenter/audit/retention.py deletes.
--
-- One change of a record is allowed, for an erasure: what it said is replaced by the same words for all
-- records, once the log has a record of an erasure. Who did what, when, and from where stays.
CREATE FUNCTION audit_record_final() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER audit_record_final BEFORE UPDATE OR DELETE ON audit_auditrecord
FOR EACH ROW EXECUTE FUNCTION audit_record_final();

CREATE TRIGGER audit_record_kept BEFORE TRUNCATE ON audit_auditrecord
FOR EACH STATEMENT EXECUTE FUNCTION audit_record_final();

-- The expression is that of search.words.text_lookups.WordVector.
CREATE INDEX audit_words ON audit_auditrecord USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(summary))
);
