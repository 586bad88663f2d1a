-- PostgreSQL parses and plans a function in SQL in each statement that calls it, and this one names
-- all letters: it was a fifth of what storing a text took. PL/pgSQL plans it once for each connection.
-- The expression stays that of search_words_postgresql.sql.
DO $do$
DECLARE
  body text := (SELECT prosrc FROM pg_proc WHERE oid = 'search_words(text)'::regprocedure);
BEGIN
  EXECUTE format(
    'CREATE OR REPLACE FUNCTION search_words(text) RETURNS text'
    ' LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS %L',
    'BEGIN RETURN ' || regexp_replace(body, '^\s*SELECT\s+', '') || '; END'
  );
END $do$;
