from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript

HERE = Path(__file__).parent


class Migration(migrations.Migration):

    dependencies = [("leads", "0020_first_sms"), ("messaging", "0040_texts_in_order")]

    operations = [
        RunScript(
            sqlite=HERE / "first_texts_sqlite.sql", postgresql=HERE / "first_texts_postgresql.sql"
        ),
    ]
