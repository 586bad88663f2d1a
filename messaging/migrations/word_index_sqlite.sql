-- The words of texts in an index, by their ID. See search/words/word_index.py. An
-- index without contents removes the words that it's told, so they have to be those that it has.

CREATE VIRTUAL TABLE messaging_words USING fts5(words, content='', columnsize=0, tokenize='ascii');

INSERT INTO messaging_words (rowid, words)
SELECT id, replace(rtrim(search_words(text)), ' ', ' ' || organization_id || 'x') FROM messaging_smsmessage;

INSERT INTO messaging_words (messaging_words) VALUES ('optimize');

CREATE TRIGGER messaging_words_insert AFTER INSERT ON messaging_smsmessage
BEGIN
  INSERT INTO messaging_words (rowid, words)
  VALUES (NEW.id, replace(rtrim(search_words(NEW.text)), ' ', ' ' || NEW.organization_id || 'x'));
END;

CREATE TRIGGER messaging_words_update AFTER UPDATE OF organization_id, text ON messaging_smsmessage
WHEN (NEW.organization_id, NEW.text) <> (OLD.organization_id, OLD.text)
BEGIN
  INSERT INTO messaging_words (messaging_words, rowid, words)
  VALUES ('delete', OLD.id, replace(rtrim(search_words(OLD.text)), ' ', ' ' || OLD.organization_id || 'x'));
  INSERT INTO messaging_words (rowid, words)
  VALUES (NEW.id, replace(rtrim(search_words(NEW.text)), ' ', ' ' || NEW.organization_id || 'x'));
END;

CREATE TRIGGER messaging_words_delete AFTER DELETE ON messaging_smsmessage
BEGIN
  INSERT INTO messaging_words (messaging_words, rowid, words)
  VALUES ('delete', OLD.id, replace(rtrim(search_words(OLD.text)), ' ', ' ' || OLD.organization_id || 'x'));
END;
