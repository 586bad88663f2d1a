from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript

HERE = Path(__file__).parent

class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        RunScript(sqlite=HERE / "erased_sqlite.sql", postgresql=HERE / "erased_postgresql.sql"),
    ]
