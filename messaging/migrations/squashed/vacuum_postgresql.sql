-- By default, a fifth of a table must be new or old before the visibility map and the statistics are
-- renewed and there's room for new rows: of 100 million texts, 20 million. Index-only scans and counts
-- read the table until then. Each text and each attempt is changed a few times before it's final, and
-- each text writes its lead.
ALTER TABLE leads_lead SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE messaging_smsmessage SET (
  autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02,
  autovacuum_vacuum_scale_factor = 0.02
);
ALTER TABLE messaging_attempt SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE messaging_carrierevent SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02
);
