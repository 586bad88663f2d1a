-- The words of leads_leadwords in an index, by the ID of their row. See search/words/word_index.py. An
-- index without contents removes the words that it's told, so they have to be those that it has.

CREATE VIRTUAL TABLE leads_words USING fts5(words, content='', columnsize=0, tokenize='ascii');

INSERT INTO leads_words (rowid, words)
SELECT id, replace(rtrim(words), ' ', ' ' || organization_id || 'x') FROM leads_leadwords;

INSERT INTO leads_words (leads_words) VALUES ('optimize');

CREATE TRIGGER leads_index_insert AFTER INSERT ON leads_leadwords
BEGIN
  INSERT INTO leads_words (rowid, words)
  VALUES (NEW.id, replace(rtrim(NEW.words), ' ', ' ' || NEW.organization_id || 'x'));
END;

CREATE TRIGGER leads_index_update AFTER UPDATE OF organization_id, words ON leads_leadwords
WHEN (NEW.organization_id, NEW.words) <> (OLD.organization_id, OLD.words)
BEGIN
  INSERT INTO leads_words (leads_words, rowid, words)
  VALUES ('delete', OLD.id, replace(rtrim(OLD.words), ' ', ' ' || OLD.organization_id || 'x'));
  INSERT INTO leads_words (rowid, words)
  VALUES (NEW.id, replace(rtrim(NEW.words), ' ', ' ' || NEW.organization_id || 'x'));
END;

CREATE TRIGGER leads_index_delete AFTER DELETE ON leads_leadwords
BEGIN
  INSERT INTO leads_words (leads_words, rowid, words)
  VALUES ('delete', OLD.id, replace(rtrim(OLD.words), ' ', ' ' || OLD.organization_id || 'x'));
END;
