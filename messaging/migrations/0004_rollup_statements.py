from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_attempt_sender")]

    operations = [RunScript(postgresql=HERE / "rollup_statements_postgresql.sql")]
