from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("messaging", "0032_texts_by_statement")]

    operations = [RunScript(postgresql=HERE / "single_texts_postgresql.sql")]
