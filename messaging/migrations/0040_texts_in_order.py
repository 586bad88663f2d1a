from pathlib import Path

from django.db import migrations, models

from smscenter.accounts.operations import ReplaceIndexes, RunScript


class Migration(migrations.Migration):

    dependencies = [("messaging", "0039_rare_texts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            # If SQLite's table is created again, so that the index is the last one there, too.
            state_operations=[
                ReplaceIndexes('smsmessage', [
                    models.Index(fields=['organization', '-created'], include=('lead', 'direction', 'status'), name='sms_org_created'),
                ]),
            ],
            database_operations=[
                RunScript(sqlite=Path(__file__).with_name("texts_in_order_sqlite.sql")),
            ],
        ),
    ]
