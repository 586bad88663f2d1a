from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript


class Migration(migrations.Migration):

    dependencies = [
        ('support', '0007_waiting_times'),
        ('search', '0005_prepared_words'),
    ]

    operations = [RunScript(postgresql=Path(__file__).parent / "words_postgresql.sql")]
