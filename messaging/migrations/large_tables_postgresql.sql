-- By default, a fifth of a table must be old before vacuum makes room for new rows: of 100 million
-- texts, 20 million. Each text and each attempt is changed a few times before it's final.
ALTER TABLE messaging_smsmessage SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE messaging_attempt SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE messaging_carrierevent SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02
);

-- New entries of a GIN index wait in a list that each search reads as a whole, of up to 4 MB.
ALTER INDEX IF EXISTS sms_words SET (gin_pending_list_limit = 512);
