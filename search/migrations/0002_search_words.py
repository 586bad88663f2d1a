from pathlib import Path

from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations

FUNCTION = Path(__file__).with_name("search_words_postgresql.sql")


def create_function(apps, schema_editor):
    """SQLite gets it from Python, with each connection."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION.read_text(), params=None)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        # So that an index of words can begin with the organization.
        BtreeGinExtension(),
        migrations.RunPython(create_function, migrations.RunPython.noop),
    ]
