"""Store the numbers of existing leads, while others go on reading and writing leads."""

from django.db import migrations, transaction
from django.db.models import Max

# Leads in one transaction, for which the writers of its leads wait.
BATCH = 2_000
# Those that a trigger stored meanwhile are newer. The lock waits for a row that is being changed.
STORE = {
    "postgresql": """
        INSERT INTO leads_leadnumber (organization_id, lead_id, key, value)
        SELECT l.organization_id, l.id, key, number
          FROM leads_lead l, LATERAL leads_numbers_of(l.custom)
         WHERE l.id > %s AND l.id <= %s
        FOR SHARE OF l ON CONFLICT DO NOTHING
    """,
    "sqlite": """
        INSERT INTO leads_leadnumber (organization_id, lead_id, key, value)
        SELECT organization_id, leads_lead.id, key, value FROM leads_lead, json_each(custom)
         WHERE leads_lead.id > %s AND leads_lead.id <= %s
           AND json_each.type IN ('integer', 'real')
           AND length(key) <= 80 AND abs(value) <= 1e300
        ON CONFLICT DO NOTHING
    """,
}


def fill(apps, schema_editor):
    last = apps.get_model("leads", "Lead").objects.aggregate(last=Max("pk"))["last"] or 0
    vendor = schema_editor.connection.vendor
    for after in range(0, last, BATCH):
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(STORE[vendor], [after, after + BATCH])
    if vendor == "postgresql":
        schema_editor.execute("ANALYZE leads_leadnumber")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("leads", "0015_lead_numbers")]

    operations = [migrations.RunPython(fill)]
