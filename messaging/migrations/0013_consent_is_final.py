from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("messaging", "0012_consent_ledger")]

    operations = [
        # Older records were made when the person agreed.
        migrations.RunSQL(
            "UPDATE messaging_consent SET recorded = given", migrations.RunSQL.noop
        ),
        RunScript(
            sqlite=HERE / "consent_sqlite.sql", postgresql=HERE / "consent_postgresql.sql"
        ),
    ]
