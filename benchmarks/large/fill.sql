-- The rows of all organizations, with triggers off: their counts, dates, and words are computed here.
-- big_part has a row for each organization: its size, and the IDs that its rows refer to.

-- Which leads there are, before their texts: the counts of a lead are known when it's inserted.
CREATE UNLOGGED TABLE big_lead AS
SELECT row_number() OVER () AS id, p.id AS organization,
       random() AS name_chance, random() AS custom_chance, now() - age * interval '2 years' AS created,
       p.users[1 + floor(random() * cardinality(p.users))::int] AS owner,
       '+1' || CASE WHEN random() < 0.0012 THEN '415'
                    ELSE (array['212','305','312','404','512','602','617','646','713','818'])
                         [1 + floor(random() * 10)::int] END
            || lpad(floor(random() * 10000000)::int::text, 7, '0') AS phone,
       CASE WHEN p.leads = big.leads AND n <= 3
            THEN ceil((array[1, 0.1, 0.00015])[n] * big.leads)::int
            WHEN random() < 0.36 THEN 0
            ELSE 1 + floor(2 * age * -ln(1 - random()) * 14.6)::int END AS texts
  FROM big_part p, generate_series(1, p.leads) n, (SELECT max(leads) AS leads FROM big_part) big,
       -- Older leads have more texts, so that there are about as many each day.
       LATERAL (SELECT CASE WHEN n <= 3 THEN 1 ELSE random() END AS age) aged
 ORDER BY p.id, n;
CREATE UNIQUE INDEX ON big_lead (id);
ANALYZE big_lead;

INSERT INTO messaging_smsmessage (
  organization_id, lead_id, contact_id, sender_id, user_id, template_id, direction, status, text,
  sent_text, remote_phone, local_phone, segments, encoding, reason, codes, receipt,
  automatic, created, scheduled, sent, updated)
SELECT organization, id, id, sender, CASE WHEN outgoing THEN owner END,
       CASE WHEN outgoing AND chance < 0.1 THEN template END,
       CASE WHEN outgoing THEN 'outgoing' ELSE 'incoming' END, status,
       CASE WHEN chance BETWEEN 0.2 AND 0.23 THEN 'Is your appointment on Tuesday at ' || i % 12 + 1
            WHEN chance BETWEEN 0.3 AND 0.31 THEN 'Great, see you then! Number ' || i
            WHEN outgoing THEN 'Hello, this is about your quote no. ' || i || '. Does it suit you?'
            ELSE 'Yes, number ' || i || ' sounds good to me, thank you' END,
       '', phone, our_phone, CASE WHEN chance > 0.92 THEN 2 ELSE 1 END, 'GSM-7',
       CASE WHEN status = 'error' THEN
         (array['spam','spam','spam','not_sms_capable','unreachable','invalid_number','unregistered_sender'])
         [1 + floor(chance * 1000)::int % 7] ELSE '' END,
       CASE WHEN status = 'error' THEN
         (array['30007','30007','30007','30006','30003','21211','30034'])
         [1 + floor(chance * 1000)::int % 7] END,
       CASE WHEN status = 'sent' AND chance < 0.75 THEN 'delivered' ELSE '' END, '', at,
       CASE WHEN status = 'scheduled' THEN now() + chance * interval '30 days' END,
       CASE WHEN status = 'sent' THEN at + interval '3 seconds' END, at
  FROM (
    SELECT l.*, i, chance, outgoing, l.created + fraction * (now() - l.created) AS at,
           p.senders[1 + owner % cardinality(p.senders)] AS sender,
           p.templates[1 + i % cardinality(p.templates)] AS template,
           CASE WHEN NOT outgoing THEN 'inbox' WHEN state < 0.060 THEN 'error'
                WHEN state < 0.066 THEN 'scheduled' ELSE 'sent' END AS status
      FROM big_lead l JOIN big_part p ON p.id = l.organization, generate_series(1, l.texts) i,
           LATERAL (SELECT random() + i * 0 AS chance, random() AS state, random() AS fraction,
                           random() < 0.55 AS outgoing) picked
  ) texts JOIN (SELECT id AS sender, phone AS our_phone FROM messaging_sendernumber) our USING (sender)
 ORDER BY at;
ANALYZE messaging_smsmessage;

INSERT INTO messaging_attempt (
  organization_id, message_id, sender_id, number, key, carrier, account, state, due, started, claims,
  questions, misses, carrier_id, code, carrier_words, reason, receipt, raw, request_id, created,
  finished)
SELECT organization_id, id, sender_id, number, gen_random_uuid(), 'sandbox', '',
       CASE WHEN status = 'error' THEN 'failed' ELSE 'accepted' END, created, created, 1, 0, 0,
       'C' || id || '-' || number,
       coalesce(codes, ''),
       '', reason, receipt, '{}', '', created, created + interval '3 seconds'
  FROM messaging_smsmessage,
       generate_series(1, CASE WHEN status = 'error' AND id % 20 = 0 THEN 2 ELSE 1 END) number
 WHERE direction = 'outgoing' AND status IN ('sent', 'error') AND (status = 'error' OR id % 5 = 0);

INSERT INTO messaging_textednumber (organization_id, phone)
SELECT DISTINCT organization_id, remote_phone FROM messaging_smsmessage;

INSERT INTO leads_note (organization_id, lead_id, user_id, text, created, updated)
SELECT organization, id, owner,
       CASE WHEN name_chance < 0.08 THEN 'Asked about the budget' ELSE 'Called, left a voicemail' END,
       created + interval '1 day', created
  FROM big_lead WHERE id % 2 = 0;

CREATE UNLOGGED TABLE big_count AS
SELECT lead_id, total, sent, received, failed, first, last, status, created, id
  FROM (SELECT lead_id, count(*) AS total, count(*) FILTER (WHERE status = 'sent') AS sent,
               count(*) FILTER (WHERE direction = 'incoming') AS received,
               count(*) FILTER (WHERE status = 'error') AS failed, max(created) AS last,
               min(created) AS first
          FROM messaging_smsmessage GROUP BY lead_id) counts
  LEFT JOIN (SELECT DISTINCT ON (lead_id) lead_id, status, created, id
               FROM messaging_smsmessage
              WHERE direction = 'outgoing' AND status IN ('sent', 'error')
              ORDER BY lead_id, created DESC, id DESC) latest USING (lead_id);
ANALYZE big_count;

INSERT INTO leads_lead (
  id, organization_id, name, status_id, owner_id, url, description, external_id, custom, created,
  updated, sms_count, has_many_sms, sent_sms_count, received_sms_count, failed_sms_count, latest_sms_status,
  latest_sms_at, latest_sms_id, first_sms_at, last_sms_at, last_note_at, contact_count, phone_count, email_count,
  address_count, note_count)
SELECT l.id, organization,
       p.first_names[1 + l.id % cardinality(p.first_names)] || ' ' ||
       CASE WHEN name_chance < 0.2 THEN 'Smith' WHEN name_chance < 0.208 THEN 'Crawford'
            ELSE p.last_names[1 + floor(name_chance * cardinality(p.last_names))::int] END,
       p.statuses[1 + floor(power(custom_chance, 1.5) * cardinality(p.statuses))::int], owner,
       CASE WHEN l.id % 3 = 0 THEN 'https://example-' || l.id || '.example/' ELSE '' END,
       CASE WHEN l.id % 10 = 0 THEN 'Met at the trade fair' ELSE '' END, '',
       jsonb_strip_nulls(jsonb_build_object(
         'Monthly bill', CASE WHEN custom_chance < 0.6 THEN floor(name_chance * 5000) END,
         'Source', CASE WHEN l.id % 2 = 0 THEN
           (array['Website','Referral','Trade show','Cold call','Yard sign'])[1 + l.id / 2 % 5] END,
         'Utility', CASE WHEN custom_chance > 0.4 THEN 'Utility ' || l.id % 50 END)),
       l.created, l.created, coalesce(c.total, 0), coalesce(c.total, 0) > 100, coalesce(c.sent, 0), coalesce(c.received, 0),
       coalesce(c.failed, 0), coalesce(c.status, ''), c.created, c.id, c.first, c.last,
       CASE WHEN l.id % 2 = 0 THEN l.created + interval '1 day' END,
       1 + (l.id % 5 = 0)::int, 1 + (l.id % 5 = 0)::int,
       (l.id % 10 < 7)::int + (l.id % 5 = 0 AND (leads.number + l.id / 5) % 10 < 7)::int,
       (l.id % 10 < 6)::int, (l.id % 2 = 0)::int
  FROM big_lead l JOIN big_part p ON p.id = l.organization LEFT JOIN big_count c ON c.lead_id = l.id,
       (SELECT count(*) AS number FROM big_lead) leads;

-- The first contact of a lead has the lead's ID. Each fifth lead has a second one.
CREATE UNLOGGED TABLE big_contact AS
SELECT row_number() OVER (ORDER BY nth, l.id) AS id, organization, l.id AS lead, created,
       CASE nth WHEN 1 THEN phone ELSE '+1303' || lpad((l.id % 10000000)::text, 7, '0') END AS phone,
       p.first_names[1 + (l.id + nth) % cardinality(p.first_names)] AS first_name,
       p.last_names[1 + (l.id / 7 + nth) % cardinality(p.last_names)] AS last_name
  FROM big_lead l JOIN big_part p ON p.id = l.organization,
       generate_series(1, CASE WHEN l.id % 5 = 0 THEN 2 ELSE 1 END) nth;

INSERT INTO leads_contact (id, organization_id, lead_id, name, title, created)
SELECT id, organization, lead, first_name || ' ' || last_name,
       CASE WHEN id % 3 = 0 THEN 'Owner' ELSE '' END, created
  FROM big_contact;

INSERT INTO leads_contactphone (organization_id, contact_id, phone, extension, label)
SELECT organization, id, phone, '', 'mobile' FROM big_contact;

INSERT INTO leads_contactemail (organization_id, contact_id, email)
SELECT organization, id, lower(first_name || '.' || last_name || id || '@' ||
         CASE WHEN id % 4 = 0 THEN 'acme.example' ELSE 'mail-' || id % 500 || '.example' END)
  FROM big_contact WHERE id % 10 < 7;

INSERT INTO leads_address (organization_id, lead_id, street, city, state, postal_code, country)
SELECT organization, id, id % 900 || ' Main St',
       (array['Oakland','Austin','Denver','Boston','Albany','Phoenix','Reno','Salem'])[1 + id % 8],
       (array['CA','TX','CO','MA','NY','AZ','NV','OR'])[1 + id % 8], '94601', 'US'
  FROM big_lead WHERE id % 10 < 6;

INSERT INTO messaging_recipient (organization_id, phone, capability, capability_note)
SELECT DISTINCT organization, phone, 'unknown', '' FROM big_lead WHERE id % 80 = 0;

INSERT INTO messaging_optout (
  organization_id, recipient_id, service, source, certain, words, created, ended_by)
SELECT organization_id, id, '', 'keyword', true, 'STOP', now() - interval '9 days', ''
  FROM messaging_recipient;

INSERT INTO messaging_thread (organization_id, lead_id, remote, state, received, due)
SELECT l.organization, l.id, '', CASE WHEN l.id % 10 = 0 THEN 'waiting' ELSE 'answered' END,
       c.last, c.last
  FROM big_lead l JOIN big_count c ON c.lead_id = l.id WHERE c.received > 0;

INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
SELECT organization_id, id, kind, id, to_tsvector('simple', search_words(text))
  FROM leads_lead, LATERAL (VALUES ('name', name), ('description', description), ('url', url)) t (kind, text)
 WHERE text <> ''
UNION ALL
SELECT organization_id, lead_id, kind, id, to_tsvector('simple', search_words(text))
  FROM leads_contact, LATERAL (VALUES ('contact', name), ('title', title)) t (kind, text)
 WHERE text <> ''
UNION ALL
SELECT e.organization_id, c.lead_id, 'email', e.id, to_tsvector('simple', search_words(e.email))
  FROM leads_contactemail e JOIN leads_contact c ON c.id = e.contact_id;

INSERT INTO leads_leadnumber (organization_id, lead_id, key, value)
SELECT organization_id, id, key, number FROM leads_lead, leads_numbers_of(custom);

DROP TABLE big_lead, big_count, big_contact, big_part;
