from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0004_rollups_notes"),
        ("search", "0002_search_words"),
    ]

    operations = [RunScript(Path(__file__).with_suffix(""))]
