"""Store the words of existing leads, while others go on reading and writing leads."""

from django.db import migrations, transaction
from django.db.models import Max

# Leads in one transaction, for which the writers of its leads wait.
BATCH = 2_000
LEAD, CONTACT = "leads_lead t", "leads_contact t"
EMAIL = "leads_contactemail t JOIN leads_contact c ON c.id = t.contact_id"
# The kind, where the text is, and the lead that it belongs to.
TEXTS = [
    ("name", LEAD, "t.name", "t.id"),
    ("description", LEAD, "t.description", "t.id"),
    ("url", LEAD, "t.url", "t.id"),
    ("contact", CONTACT, "t.name", "t.lead_id"),
    ("title", CONTACT, "t.title", "t.lead_id"),
    ("email", EMAIL, "t.email", "c.lead_id"),
]
# Those that a trigger stored meanwhile are newer. The lock waits for a row that is being changed.
STORE = """
    INSERT INTO leads_leadwords (organization_id, lead_id, kind, source, words)
    SELECT t.organization_id, {lead}, '{kind}', t.id, {words}
      FROM {table}
     WHERE {lead} > %s AND {lead} <= %s AND {text} <> ''
    {lock} ON CONFLICT DO NOTHING
"""
WORDS = {"sqlite": "search_words({})", "postgresql": "to_tsvector('simple', search_words({}))"}
INDEX = """
    CREATE INDEX CONCURRENTLY lead_words_index ON leads_leadwords
      USING gin (organization_id, words)
"""


def fill(apps, schema_editor):
    last = apps.get_model("leads", "Lead").objects.aggregate(last=Max("pk"))["last"] or 0
    vendor = schema_editor.connection.vendor
    lock = "FOR SHARE" if vendor == "postgresql" else ""
    for after in range(0, last, BATCH):
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            for kind, table, text, lead in TEXTS:
                words = WORDS[vendor].format(text)
                sql = STORE.format(
                    kind=kind, table=table, text=text, lead=lead, words=words, lock=lock
                )
                cursor.execute(sql, [after, after + BATCH])


def change_indexes(apps, schema_editor):
    """Index the new table instead of leads. SQLite has no index of words."""
    if schema_editor.connection.vendor != "postgresql":
        return
    # An index of that name is there if this was interrupted.
    schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS lead_words_index")
    schema_editor.execute(INDEX)
    # Prefixes are only estimated if at least 100 words are known.
    schema_editor.execute("ALTER TABLE leads_leadwords ALTER COLUMN words SET STATISTICS 500")
    schema_editor.execute("ANALYZE leads_leadwords")
    schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS lead_words")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("leads", "0008_lead_words")]

    operations = [
        migrations.RunPython(fill),
        migrations.RunPython(change_indexes),
    ]
