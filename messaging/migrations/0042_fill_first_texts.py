"""Find the oldest text of each lead, while others write texts."""

from django.db import migrations, transaction

from smscenter.accounts.operations import RunFunction

# Leads in one transaction, for which the writers of their texts wait.
BATCH = 2_000
UNKNOWN = "id > %s AND id <= %s AND sms_count > 0 AND first_sms_at IS NULL"
# A statement of its own: the next one sees what others committed while this one waited.
LOCK = f"SELECT 1 FROM leads_lead WHERE {UNKNOWN} ORDER BY id FOR NO KEY UPDATE"
FILL = """
    UPDATE leads_lead SET first_sms_at = (
      SELECT min(created) FROM messaging_smsmessage WHERE lead_id = leads_lead.id
    ) WHERE
""" + UNKNOWN


def fill(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM leads_lead")
        [last] = cursor.fetchone()
    for after in range(0, last, BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(LOCK, [after, after + BATCH])
            cursor.execute(FILL, [after, after + BATCH])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0041_first_texts")]

    operations = [RunFunction(fill)]
