"""Copy the error codes of existing attempts to their texts, while others write them."""

from django.db import migrations, transaction
from django.db.models import Max

# Attempts, of which few have a code. The writers of their texts wait for a transaction.
BATCH = 20_000
TEXTS = "id IN (SELECT message_id FROM messaging_attempt WHERE id > %s AND id <= %s AND code <> '')"
LOCK = f"SELECT 1 FROM messaging_smsmessage WHERE {TEXTS} ORDER BY id FOR NO KEY UPDATE"
# Of very many codes, the newest.
FILL = """
    UPDATE messaging_smsmessage SET codes = (
      SELECT {newest} FROM (
        SELECT code FROM messaging_attempt
         WHERE message_id = messaging_smsmessage.id AND code <> ''
         GROUP BY code ORDER BY min(number)
      ) failed
    ) WHERE
""" + TEXTS
NEWEST = {
    "postgresql": "right(string_agg(code, chr(10)), 250)",
    "sqlite": "substr(group_concat(code, char(10)), -250)",
}


def fill(apps, schema_editor):
    last = apps.get_model("messaging", "Attempt").objects.aggregate(last=Max("pk"))["last"] or 0
    connection = schema_editor.connection
    update = FILL.format(newest=NEWEST[connection.vendor])
    for after in range(0, last, BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(LOCK, [after, after + BATCH])
            cursor.execute(update, [after, after + BATCH])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0037_codes_of_texts")]

    operations = [migrations.RunPython(fill)]
