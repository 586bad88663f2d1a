from pathlib import Path

from django.db import migrations

from smscenter.accounts.operations import RunScript

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("leads", "0012_latest_sms_failed")]

    operations = [RunScript(postgresql=HERE / "same_organization_postgresql.sql")]
