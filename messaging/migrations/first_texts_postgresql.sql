-- The triggers of texts also keep the date of a lead's oldest text, and take less for a single text:
--
--   first_sms_at   oldest text of any kind. While it's filled, NULL if the lead had texts before.
--
-- A single text is read into a variable once. What else squashed/texts_postgresql.sql says is still
-- true: each statement writes a lead once, in the order of IDs, and what reads texts after an update
-- is a statement of its own.

-- Find the oldest and the newest texts of a lead again: short scans of the index sms_lead_created.
CREATE OR REPLACE FUNCTION messaging_seek(lead bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  latest record;
BEGIN
  SELECT id, status, created INTO latest FROM messaging_smsmessage
   WHERE lead_id = lead AND messaging_handed_over(status)
   ORDER BY created DESC, id DESC LIMIT 1;
  UPDATE leads_lead SET
    first_sms_at = (SELECT min(created) FROM messaging_smsmessage WHERE lead_id = lead),
    last_sms_at = (SELECT max(created) FROM messaging_smsmessage WHERE lead_id = lead),
    latest_sms_status = coalesce(latest.status, ''),
    latest_sms_at = latest.created,
    latest_sms_id = latest.id
  WHERE id = lead;
END $$;

-- New texts add themselves. One is the latest unless a newer one was there first.
CREATE OR REPLACE FUNCTION messaging_texts_inserted() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  several boolean := EXISTS (SELECT FROM new_texts OFFSET 1);
  changes refcursor;
  added record;
  lead record;
BEGIN
  IF several THEN
    OPEN changes FOR
      SELECT lead_id,
             count(*) AS texts,
             count(*) FILTER (WHERE status = 'sent') AS sent,
             count(*) FILTER (WHERE direction = 'incoming') AS received,
             count(*) FILTER (WHERE status = 'error') AS failed,
             min(created) AS oldest,
             max(created) AS newest,
             max(created) FILTER (WHERE messaging_handed_over(status)) AS latest_at,
             (array_agg(id ORDER BY created DESC, id DESC)
               FILTER (WHERE messaging_handed_over(status)))[1] AS latest_id,
             (array_agg(status ORDER BY created DESC, id DESC)
               FILTER (WHERE messaging_handed_over(status)))[1] AS latest_status,
             max(created) FILTER (WHERE direction = 'incoming') AS newest_reply,
             (array_agg(created ORDER BY id DESC)
               FILTER (WHERE direction = 'incoming'))[1] AS last_reply,
             -- Texts that somebody wrote, other than those before the last reply.
             max(created) FILTER (
               WHERE direction = 'outgoing' AND automatic = '' AND status <> 'draft'
                 AND id > coalesce(last_reply_id, 0)) AS answered,
             NULL::timestamptz AS quarter
        FROM (
          SELECT id, lead_id, direction, status, automatic, created,
                 max(id) FILTER (WHERE direction = 'incoming')
                   OVER (PARTITION BY lead_id) AS last_reply_id
            FROM new_texts
        ) each
       GROUP BY lead_id ORDER BY lead_id;
    PERFORM messaging_note_quarter(organization_id, quarter) FROM (
      SELECT DISTINCT organization_id, messaging_quarter(created) AS quarter FROM new_texts
       WHERE messaging_is_counted(status)
    ) changed;
  END IF;
  LOOP
    IF several THEN
      FETCH changes INTO added;
    ELSE
      -- A single text needs no aggregates, and its quarter of an hour is noted below.
      SELECT lead_id,
             1::bigint AS texts,
             (status = 'sent')::int::bigint AS sent,
             (direction = 'incoming')::int::bigint AS received,
             (status = 'error')::int::bigint AS failed,
             created AS oldest,
             created AS newest,
             CASE WHEN messaging_handed_over(status) THEN created END AS latest_at,
             CASE WHEN messaging_handed_over(status) THEN id END AS latest_id,
             CASE WHEN messaging_handed_over(status) THEN status END AS latest_status,
             CASE WHEN direction = 'incoming' THEN created END AS newest_reply,
             CASE WHEN direction = 'incoming' THEN created END AS last_reply,
             CASE WHEN direction = 'outgoing' AND automatic = '' AND status <> 'draft'
               THEN created END AS answered,
             CASE WHEN messaging_is_counted(status) THEN messaging_quarter(created) END AS quarter
        INTO added FROM new_texts;
    END IF;
    EXIT WHEN NOT FOUND;
    UPDATE leads_lead SET
      sms_count = sms_count + added.texts,
      sent_sms_count = sent_sms_count + added.sent,
      received_sms_count = received_sms_count + added.received,
      failed_sms_count = failed_sms_count + added.failed,
      first_sms_at = CASE WHEN sms_count = 0 OR added.oldest < first_sms_at
        THEN added.oldest ELSE first_sms_at END,
      last_sms_at = greatest(last_sms_at, added.newest),
      latest_sms_status = CASE
        WHEN added.latest_at < latest_sms_at
          OR added.latest_at = latest_sms_at AND added.latest_id < latest_sms_id
          OR added.latest_at IS NULL
        THEN latest_sms_status ELSE added.latest_status END,
      latest_sms_id = CASE
        WHEN added.latest_at < latest_sms_at
          OR added.latest_at = latest_sms_at AND added.latest_id < latest_sms_id
          OR added.latest_at IS NULL
        THEN latest_sms_id ELSE added.latest_id END,
      latest_sms_at = greatest(latest_sms_at, added.latest_at)
    WHERE id = added.lead_id
    RETURNING organization_id, owner_id INTO lead;
    -- A reply opens the lead's thread, and gives it to the lead's owner if nobody has it.
    IF added.received > 0 THEN
      INSERT INTO messaging_thread AS t
        (organization_id, lead_id, remote, state, assignee_id, received, due)
      VALUES (lead.organization_id, added.lead_id, '', 'waiting', lead.owner_id,
              added.newest_reply, added.last_reply)
      ON CONFLICT (lead_id) DO UPDATE SET
        assignee_id = CASE WHEN t.state = 'waiting' THEN t.assignee_id
                           ELSE coalesce(t.assignee_id, excluded.assignee_id) END,
        state = 'waiting',
        received = greatest(t.received, excluded.received),
        due = excluded.due;
    END IF;
    IF added.answered IS NOT NULL THEN
      UPDATE messaging_thread SET state = 'answered', replying_id = NULL, replying_until = NULL
       WHERE lead_id = added.lead_id AND state = 'waiting' AND received <= added.answered;
    END IF;
    IF added.quarter IS NOT NULL THEN
      PERFORM messaging_note_quarter(lead.organization_id, added.quarter);
    END IF;
    EXIT WHEN NOT several;
  END LOOP;
  RETURN NULL;
END $$;

-- A changed text subtracts itself from the lead as it was (step -1), and adds itself as it is now
-- (step 1). If the oldest or the newest one moves, or is taken back, it uncovers another one.
--
-- Only a full join never compares each new row with each old one: PostgreSQL plans these queries
-- once for each connection, maybe for a single text.
CREATE OR REPLACE FUNCTION messaging_texts_updated() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  text record;
  changes refcursor;
  change record;
  pair record;
  uncovers boolean;
  moves boolean := false;
BEGIN
  -- A single text that stays with its lead, at its time.
  IF NOT EXISTS (SELECT FROM new_texts OFFSET 1) THEN
    SELECT n.id, n.lead_id, n.organization_id, n.created, n.status, o.status AS old_status,
           n.direction, o.direction AS old_direction,
           messaging_handed_over(n.status) AS handed_over,
           (messaging_is_counted(n.status) OR messaging_is_counted(o.status))
             AND messaging_counts_differ(n, o) AS recount
      INTO text FROM new_texts n, old_texts o
     WHERE n.id = o.id AND n.lead_id = o.lead_id AND n.created = o.created;
    IF FOUND THEN
      IF text.recount THEN
        PERFORM messaging_note_quarter(text.organization_id, messaging_quarter(text.created));
      END IF;
      IF text.status <> text.old_status OR text.direction <> text.old_direction THEN
        UPDATE leads_lead SET
          sent_sms_count = sent_sms_count
            + (text.status = 'sent')::int - (text.old_status = 'sent')::int,
          received_sms_count = received_sms_count
            + (text.direction = 'incoming')::int - (text.old_direction = 'incoming')::int,
          failed_sms_count = failed_sms_count
            + (text.status = 'error')::int - (text.old_status = 'error')::int,
          latest_sms_status = CASE
            WHEN text.handed_over AND (latest_sms_at IS NULL
              OR (text.created, text.id) >= (latest_sms_at, latest_sms_id))
            THEN text.status ELSE latest_sms_status END,
          latest_sms_id = CASE
            WHEN text.handed_over AND (latest_sms_at IS NULL
              OR (text.created, text.id) >= (latest_sms_at, latest_sms_id))
            THEN text.id ELSE latest_sms_id END,
          latest_sms_at = CASE
            WHEN text.handed_over THEN greatest(latest_sms_at, text.created)
            ELSE latest_sms_at END
        WHERE id = text.lead_id
        RETURNING latest_sms_id = text.id AND NOT text.handed_over INTO uncovers;
        IF uncovers THEN
          PERFORM messaging_seek(text.lead_id);
        END IF;
      END IF;
      RETURN NULL;
    END IF;
  END IF;
  PERFORM messaging_note_quarter(organization_id, quarter) FROM (
    SELECT DISTINCT each.organization_id, messaging_quarter(each.created) AS quarter
      FROM new_texts n FULL JOIN old_texts o USING (id)
      CROSS JOIN LATERAL (
        VALUES (n.organization_id, n.created, n.status), (o.organization_id, o.created, o.status)
      ) AS each (organization_id, created, status)
     WHERE messaging_is_counted(each.status) AND messaging_counts_differ(n, o)
  ) changed;
  FOR change IN
    SELECT each.lead_id,
           sum(step) AS texts,
           sum(step) FILTER (WHERE each.status = 'sent') AS sent,
           sum(step) FILTER (WHERE each.direction = 'incoming') AS received,
           sum(step) FILTER (WHERE each.status = 'error') AS failed,
           min(each.created) FILTER (WHERE step = 1) AS oldest,
           max(each.created) FILTER (WHERE step = 1) AS newest,
           max(each.created) FILTER (WHERE step = 1 AND messaging_handed_over(each.status))
             AS latest_at,
           (array_agg(id ORDER BY each.created DESC, id DESC)
             FILTER (WHERE step = 1 AND messaging_handed_over(each.status)))[1] AS latest_id,
           (array_agg(each.status ORDER BY each.created DESC, id DESC)
             FILTER (WHERE step = 1 AND messaging_handed_over(each.status)))[1] AS latest_status,
           min(each.created) FILTER (WHERE step = -1) AS old_oldest,
           max(each.created) FILTER (WHERE step = -1) AS old_newest,
           array_agg(id) FILTER (WHERE step = -1) AS old_ids,
           bool_or(n.lead_id <> o.lead_id) AS moves
      FROM new_texts n FULL JOIN old_texts o USING (id)
      CROSS JOIN LATERAL (
        VALUES (1, n.lead_id, n.direction, n.status, n.created),
               (-1, o.lead_id, o.direction, o.status, o.created)
      ) each (step, lead_id, direction, status, created)
     WHERE n.status IS DISTINCT FROM o.status OR n.lead_id IS DISTINCT FROM o.lead_id
        OR n.created IS DISTINCT FROM o.created OR n.direction IS DISTINCT FROM o.direction
     GROUP BY each.lead_id ORDER BY each.lead_id
  LOOP
    UPDATE leads_lead SET
      sms_count = sms_count + change.texts,
      sent_sms_count = sent_sms_count + coalesce(change.sent, 0),
      received_sms_count = received_sms_count + coalesce(change.received, 0),
      failed_sms_count = failed_sms_count + coalesce(change.failed, 0),
      first_sms_at = CASE WHEN sms_count = 0 OR change.oldest < first_sms_at
        THEN change.oldest ELSE first_sms_at END,
      last_sms_at = greatest(last_sms_at, change.newest),
      latest_sms_status = CASE
        WHEN change.latest_at < latest_sms_at
          OR change.latest_at = latest_sms_at AND change.latest_id < latest_sms_id
          OR change.latest_at IS NULL
        THEN latest_sms_status ELSE change.latest_status END,
      latest_sms_id = CASE
        WHEN change.latest_at < latest_sms_at
          OR change.latest_at = latest_sms_at AND change.latest_id < latest_sms_id
          OR change.latest_at IS NULL
        THEN latest_sms_id ELSE change.latest_id END,
      latest_sms_at = greatest(latest_sms_at, change.latest_at)
    WHERE id = change.lead_id
    RETURNING
      latest_sms_id = ANY (change.old_ids)
        AND (latest_sms_id, latest_sms_at) IS DISTINCT FROM (change.latest_id, change.latest_at)
      OR first_sms_at >= change.old_oldest AND first_sms_at IS DISTINCT FROM change.oldest
      OR last_sms_at <= change.old_newest AND last_sms_at IS DISTINCT FROM change.newest
    INTO uncovers;
    IF uncovers THEN
      PERFORM messaging_seek(change.lead_id);
    END IF;
    moves := moves OR change.moves;
  END LOOP;
  -- Replies that move to another lead take what waits with them.
  IF moves THEN
    FOR pair IN
      SELECT DISTINCT n.lead_id AS target, o.lead_id AS source
        FROM new_texts n FULL JOIN old_texts o USING (id)
       WHERE n.lead_id IS DISTINCT FROM o.lead_id AND coalesce(n.direction, '') = 'incoming'
       ORDER BY target, source
    LOOP
      INSERT INTO messaging_thread AS t
        (organization_id, lead_id, remote, state, assignee_id, received, due)
      SELECT organization_id, pair.target, '', state, assignee_id, received, due
        FROM messaging_thread WHERE lead_id = pair.source
      ON CONFLICT (lead_id) DO UPDATE SET
        state = CASE WHEN excluded.state = 'waiting' THEN 'waiting' ELSE t.state END,
        received = greatest(t.received, excluded.received),
        due = greatest(t.due, excluded.due);
    END LOOP;
  END IF;
  RETURN NULL;
END $$;

-- Deleted texts subtract themselves. Only the oldest or the newest may uncover another one.
CREATE OR REPLACE FUNCTION messaging_texts_deleted() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  gone record;
  uncovers boolean;
BEGIN
  FOR gone IN
    SELECT lead_id,
           count(*) AS texts,
           count(*) FILTER (WHERE status = 'sent') AS sent,
           count(*) FILTER (WHERE direction = 'incoming') AS received,
           count(*) FILTER (WHERE status = 'error') AS failed,
           min(created) AS oldest,
           max(created) AS newest,
           array_agg(id) AS ids,
           max(created) FILTER (WHERE direction = 'outgoing' AND automatic = '') AS answered
      FROM old_texts
     GROUP BY lead_id ORDER BY lead_id
  LOOP
    UPDATE leads_lead SET
      sms_count = sms_count - gone.texts,
      sent_sms_count = sent_sms_count - gone.sent,
      received_sms_count = received_sms_count - gone.received,
      failed_sms_count = failed_sms_count - gone.failed
    WHERE id = gone.lead_id
    RETURNING latest_sms_id = ANY (gone.ids) OR first_sms_at >= gone.oldest
      OR last_sms_at <= gone.newest INTO uncovers;
    IF uncovers THEN
      PERFORM messaging_seek(gone.lead_id);
    END IF;
    -- If nothing else answers the lead's thread, it waits again.
    IF gone.answered IS NOT NULL THEN
      UPDATE messaging_thread t SET state = 'waiting'
       WHERE t.lead_id = gone.lead_id AND t.state = 'answered' AND t.received <= gone.answered
         AND NOT EXISTS (
           SELECT 1 FROM messaging_smsmessage m
            WHERE m.lead_id = gone.lead_id AND m.created >= t.received
              AND m.direction = 'outgoing' AND m.automatic = '' AND m.status <> 'draft');
    END IF;
  END LOOP;
  PERFORM messaging_note_quarter(organization_id, quarter) FROM (
    SELECT DISTINCT organization_id, messaging_quarter(created) AS quarter FROM old_texts
     WHERE messaging_is_counted(status)
  ) changed;
  RETURN NULL;
END $$;

-- TRUNCATE runs no trigger for its rows.
CREATE OR REPLACE FUNCTION messaging_rollup_truncated() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE leads_lead SET
    sms_count = 0, sent_sms_count = 0, received_sms_count = 0, failed_sms_count = 0,
    first_sms_at = NULL, last_sms_at = NULL,
    latest_sms_status = '', latest_sms_at = NULL, latest_sms_id = NULL
  WHERE sms_count <> 0;
  RETURN NULL;
END $$;
