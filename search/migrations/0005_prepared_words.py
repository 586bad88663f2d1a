from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript


class Migration(migrations.Migration):

    dependencies = [("search", "0004_views_of_requests")]

    operations = [RunScript(postgresql=Path(__file__).with_name("prepared_words_postgresql.sql"))]
