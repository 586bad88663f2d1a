-- leads_lead.contact_count, phone_count, email_count, address_count, and note_count are the numbers
-- of its rows, whatever writes them, as in PostgreSQL.

-- Phone numbers and email addresses that are deleted after their contact don't find the lead.
CREATE TRIGGER leads_count_contact_insert AFTER INSERT ON leads_contact
BEGIN
  UPDATE leads_lead SET
    contact_count = contact_count + 1,
    phone_count = phone_count
      + (SELECT count(*) FROM leads_contactphone WHERE contact_id = NEW.id),
    email_count = email_count
      + (SELECT count(*) FROM leads_contactemail WHERE contact_id = NEW.id)
  WHERE id = NEW.lead_id;
END;

CREATE TRIGGER leads_count_contact_delete AFTER DELETE ON leads_contact
BEGIN
  UPDATE leads_lead SET
    contact_count = contact_count - 1,
    phone_count = phone_count
      - (SELECT count(*) FROM leads_contactphone WHERE contact_id = OLD.id),
    email_count = email_count
      - (SELECT count(*) FROM leads_contactemail WHERE contact_id = OLD.id)
  WHERE id = OLD.lead_id;
END;

-- A contact that moves to another lead takes its phone numbers and email addresses along.
CREATE TRIGGER leads_count_contact_moved AFTER UPDATE OF lead_id ON leads_contact
WHEN OLD.lead_id <> NEW.lead_id
BEGIN
  UPDATE leads_lead SET
    contact_count = contact_count - 1,
    phone_count = phone_count
      - (SELECT count(*) FROM leads_contactphone WHERE contact_id = NEW.id),
    email_count = email_count
      - (SELECT count(*) FROM leads_contactemail WHERE contact_id = NEW.id)
  WHERE id = OLD.lead_id;
  UPDATE leads_lead SET
    contact_count = contact_count + 1,
    phone_count = phone_count
      + (SELECT count(*) FROM leads_contactphone WHERE contact_id = NEW.id),
    email_count = email_count
      + (SELECT count(*) FROM leads_contactemail WHERE contact_id = NEW.id)
  WHERE id = NEW.lead_id;
END;

CREATE TRIGGER leads_count_phone_insert AFTER INSERT ON leads_contactphone
BEGIN
  UPDATE leads_lead SET phone_count = phone_count + 1
   WHERE id = (SELECT lead_id FROM leads_contact WHERE id = NEW.contact_id);
END;

CREATE TRIGGER leads_count_phone_delete AFTER DELETE ON leads_contactphone
BEGIN
  UPDATE leads_lead SET phone_count = phone_count - 1
   WHERE id = (SELECT lead_id FROM leads_contact WHERE id = OLD.contact_id);
END;

CREATE TRIGGER leads_count_phone_moved AFTER UPDATE OF contact_id ON leads_contactphone
WHEN OLD.contact_id <> NEW.contact_id
BEGIN
  UPDATE leads_lead SET phone_count = phone_count - 1
   WHERE id = (SELECT lead_id FROM leads_contact WHERE id = OLD.contact_id);
  UPDATE leads_lead SET phone_count = phone_count + 1
   WHERE id = (SELECT lead_id FROM leads_contact WHERE id = NEW.contact_id);
END;

CREATE TRIGGER leads_count_email_insert AFTER INSERT ON leads_contactemail
BEGIN
  UPDATE leads_lead SET email_count = email_count + 1
   WHERE id = (SELECT lead_id FROM leads_contact WHERE id = NEW.contact_id);
END;

CREATE TRIGGER leads_count_email_delete AFTER DELETE ON leads_contactemail
BEGIN
  UPDATE leads_lead SET email_count = email_count - 1
   WHERE id = (SELECT lead_id FROM leads_contact WHERE id = OLD.contact_id);
END;

CREATE TRIGGER leads_count_email_moved AFTER UPDATE OF contact_id ON leads_contactemail
WHEN OLD.contact_id <> NEW.contact_id
BEGIN
  UPDATE leads_lead SET email_count = email_count - 1
   WHERE id = (SELECT lead_id FROM leads_contact WHERE id = OLD.contact_id);
  UPDATE leads_lead SET email_count = email_count + 1
   WHERE id = (SELECT lead_id FROM leads_contact WHERE id = NEW.contact_id);
END;

CREATE TRIGGER leads_count_address_insert AFTER INSERT ON leads_address
BEGIN
  UPDATE leads_lead SET address_count = address_count + 1 WHERE id = NEW.lead_id;
END;

CREATE TRIGGER leads_count_address_delete AFTER DELETE ON leads_address
BEGIN
  UPDATE leads_lead SET address_count = address_count - 1 WHERE id = OLD.lead_id;
END;

CREATE TRIGGER leads_count_address_moved AFTER UPDATE OF lead_id ON leads_address
WHEN OLD.lead_id <> NEW.lead_id
BEGIN
  UPDATE leads_lead SET address_count = address_count - 1 WHERE id = OLD.lead_id;
  UPDATE leads_lead SET address_count = address_count + 1 WHERE id = NEW.lead_id;
END;

CREATE TRIGGER leads_count_note_insert AFTER INSERT ON leads_note
BEGIN
  UPDATE leads_lead SET note_count = note_count + 1 WHERE id = NEW.lead_id;
END;

CREATE TRIGGER leads_count_note_delete AFTER DELETE ON leads_note
BEGIN
  UPDATE leads_lead SET note_count = note_count - 1 WHERE id = OLD.lead_id;
END;

CREATE TRIGGER leads_count_note_moved AFTER UPDATE OF lead_id ON leads_note
WHEN OLD.lead_id <> NEW.lead_id
BEGIN
  UPDATE leads_lead SET note_count = note_count - 1 WHERE id = OLD.lead_id;
  UPDATE leads_lead SET note_count = note_count + 1 WHERE id = NEW.lead_id;
END;
