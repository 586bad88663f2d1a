from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0005_closed_vocabulary"),
        ("search", "0002_search_words"),
    ]

    operations = [RunScript(Path(__file__).with_suffix(""))]
