from pathlib import Path

from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations


def make_function(apps, schema_editor):
    """SQLite gets it from Python, with each connection."""
    if schema_editor.connection.vendor == "postgresql":
        path = Path(__file__).with_name("0002_search_words_postgresql.sql")
        schema_editor.execute(path.read_text(), params=None)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        # So that an index of words can begin with the organization.
        BtreeGinExtension(),
        migrations.RunPython(make_function, migrations.RunPython.noop),
    ]
