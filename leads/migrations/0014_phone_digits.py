from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript


class Migration(migrations.Migration):

    dependencies = [("leads", "0013_triggers_name_organization")]

    operations = [
        RunScript(postgresql=Path(__file__).with_name("phone_digits_postgresql.sql")),
    ]
