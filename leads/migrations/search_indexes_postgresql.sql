-- The expressions are those of search.words.text_lookups.WordVector. Each index begins with the
-- organization, so that a small one does not read the words of a large one.
CREATE INDEX lead_words ON leads_lead USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(name)),
  to_tsvector('simple'::regconfig, search_words(description)),
  to_tsvector('simple'::regconfig, search_words(url))
);
CREATE INDEX contact_words ON leads_contact USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(name)),
  to_tsvector('simple'::regconfig, search_words(title))
);
CREATE INDEX contact_email_words ON leads_contactemail USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(email))
);
CREATE INDEX note_words ON leads_note USING gin (
  organization_id,
  to_tsvector('simple'::regconfig, search_words(text))
);
