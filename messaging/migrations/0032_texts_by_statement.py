from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("messaging", "0031_search_indexes")]

    operations = [RunScript(postgresql=HERE / "texts_postgresql.sql")]
