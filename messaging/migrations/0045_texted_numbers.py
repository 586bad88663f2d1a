from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript


class Migration(migrations.Migration):

    dependencies = [("messaging", "0044_sent_index")]

    operations = [
        RunScript(postgresql=Path(__file__).with_name("texted_numbers_postgresql.sql")),
    ]
