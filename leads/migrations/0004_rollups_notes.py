from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript


class Migration(migrations.Migration):
    dependencies = [("leads", "0003_rollups")]

    operations = [RunScript(Path(__file__).with_suffix(""))]
