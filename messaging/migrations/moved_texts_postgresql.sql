-- Messages that move to another lead change both leads once for each statement: merging two leads
-- moves thousands. A row trigger writes the same two leads each time, and each write takes longer.

-- What is left for the row trigger: a message that changes its time, or is taken back.
DROP TRIGGER messaging_rollup_update ON messaging_smsmessage;

CREATE TRIGGER messaging_rollup_update
  AFTER UPDATE OF lead_id, status, direction, created ON messaging_smsmessage
  FOR EACH ROW
  WHEN (OLD.lead_id = NEW.lead_id
        AND (OLD.created <> NEW.created
             OR messaging_handed_over(OLD) AND NOT messaging_handed_over(NEW)))
  EXECUTE FUNCTION messaging_rollup();

CREATE FUNCTION messaging_rollup_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  moved bigint[];
  leads bigint[];
BEGIN
  SELECT array_agg(n.id) INTO moved
    FROM new_messages n JOIN old_messages o USING (id)
   WHERE n.lead_id <> o.lead_id;
  IF moved IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT array_agg(DISTINCT lead_id) INTO leads FROM (
    SELECT lead_id FROM new_messages WHERE id = ANY (moved)
    UNION ALL SELECT lead_id FROM old_messages WHERE id = ANY (moved)
  ) each;
  -- All writers lock leads in one order. The next statement sees what others committed meanwhile.
  PERFORM 1 FROM leads_lead WHERE id = ANY (leads) ORDER BY id FOR NO KEY UPDATE;
  UPDATE leads_lead SET
    sms_count = sms_count + d.texts,
    sent_sms_count = sent_sms_count + d.sent,
    received_sms_count = received_sms_count + d.received,
    failed_sms_count = failed_sms_count + d.failed
  FROM (
    SELECT lead_id,
           sum(step) AS texts,
           sum(step * (status = 'sent')::int) AS sent,
           sum(step * (direction = 'incoming')::int) AS received,
           sum(step * (status = 'error')::int) AS failed
      FROM (
        SELECT lead_id, status, direction, 1 AS step FROM new_messages WHERE id = ANY (moved)
        UNION ALL
        SELECT lead_id, status, direction, -1 FROM old_messages WHERE id = ANY (moved)
      ) each
     GROUP BY lead_id
  ) d
  WHERE leads_lead.id = d.lead_id;
  PERFORM messaging_seek(lead) FROM unnest(leads) AS lead;
  RETURN NULL;
END $$;

CREATE TRIGGER messaging_rollup_moved AFTER UPDATE ON messaging_smsmessage
  REFERENCING OLD TABLE AS old_messages NEW TABLE AS new_messages
  FOR EACH STATEMENT EXECUTE FUNCTION messaging_rollup_moved();
