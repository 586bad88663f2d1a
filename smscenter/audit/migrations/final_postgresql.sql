-- Records are added, but never changed. They can be deleted only when they're older than the time in
-- audit_auditdeletion, which has a row only while smscenter/audit/retention.py deletes. As in SQLite.

CREATE FUNCTION audit_record_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT 1 FROM audit_auditdeletion WHERE before > OLD.created) THEN
    RETURN OLD;
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
