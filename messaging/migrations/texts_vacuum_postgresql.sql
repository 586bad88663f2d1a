-- By default, a fifth of all texts must be new before the visibility map and the statistics are
-- renewed: at ten million texts, index-only scans read the table for two million.
ALTER TABLE messaging_smsmessage SET (
  autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02
);
