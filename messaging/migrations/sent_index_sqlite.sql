-- PostgreSQL has this index in the order of a page (see text_indexes_postgresql.sql). SQLite reads it
-- in both directions, with texts that weren't sent at the end that a page wants.
CREATE INDEX sms_sent ON messaging_smsmessage (organization_id, sent);
-- The last one that begins with the organization: see texts_in_order_sqlite.sql.
DROP INDEX sms_org_created;
CREATE INDEX sms_org_created ON messaging_smsmessage (organization_id, created DESC);
