"""Count the contacts, notes, and so on of existing leads, while others write them."""

from django.db import migrations, transaction
from django.db.models import Max

# Leads in one transaction, for which the writers of its leads wait.
BATCH = 2_000
PEOPLE = "FROM leads_contact c JOIN {} r ON r.contact_id = c.id WHERE c.lead_id = leads_lead.id"
COUNTS = {
    "contact_count": "FROM leads_contact WHERE lead_id = leads_lead.id",
    "phone_count": PEOPLE.format("leads_contactphone"),
    "email_count": PEOPLE.format("leads_contactemail"),
    "address_count": "FROM leads_address WHERE lead_id = leads_lead.id",
    "note_count": "FROM leads_note WHERE lead_id = leads_lead.id",
}
COUNT = "UPDATE leads_lead SET {} WHERE id > %s AND id <= %s".format(
    ", ".join(f"{column} = (SELECT count(*) {rows})" for column, rows in COUNTS.items())
)
LOCK = "SELECT 1 FROM leads_lead WHERE id > %s AND id <= %s ORDER BY id FOR NO KEY UPDATE"


def fill(apps, schema_editor):
    last = apps.get_model("leads", "Lead").objects.aggregate(last=Max("pk"))["last"] or 0
    connection = schema_editor.connection
    for after in range(0, last, BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            # Two statements: the second sees what was committed before the first got its locks.
            if connection.vendor == "postgresql":
                cursor.execute(LOCK, [after, after + BATCH])
            cursor.execute(COUNT, [after, after + BATCH])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("leads", "0010_lead_counts")]

    operations = [migrations.RunPython(fill)]
