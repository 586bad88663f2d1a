from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript


class Migration(migrations.Migration):

    dependencies = [
        ("messaging", "0033_single_texts"),
    ]

    operations = [
        RunScript(postgresql=Path(__file__).with_name("large_tables_postgresql.sql")),
    ]
