from pathlib import Path

from django.db import migrations

FUNCTION = Path(__file__).with_name("prepared_words_postgresql.sql")


def replace_function(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION.read_text(), params=None)


class Migration(migrations.Migration):
    dependencies = [("search", "0004_views_of_requests")]

    operations = [migrations.RunPython(replace_function, migrations.RunPython.noop)]
