from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0004_lead_changes"),
        ("messaging", "0022_handled_failures"),
    ]

    operations = [RunScript(postgresql=HERE / "moved_texts_postgresql.sql")]
