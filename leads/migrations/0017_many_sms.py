from pathlib import Path

from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers, RunScript

HERE = Path(__file__).parent


class Migration(migrations.Migration):

    dependencies = [("leads", "0016_fill_lead_numbers")]

    operations = [
        KeepTriggers([
            migrations.AddField(
                model_name='lead',
                name='has_many_sms',
                field=models.BooleanField(db_default=False, default=False, editable=False),
            ),
        ]),
        RunScript(sqlite=HERE / "many_sms_sqlite.sql", postgresql=HERE / "many_sms_postgresql.sql"),
    ]
