-- Without statistics, SQLite reads an organization's texts by the last index that begins with the
-- organization. In the order of this one, they are next to each other: 150 ms instead of 550 for
-- 200,000 texts.
DROP INDEX sms_org_created;
CREATE INDEX sms_org_created ON messaging_smsmessage (organization_id, created DESC);
