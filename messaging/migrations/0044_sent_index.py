from pathlib import Path

from django.db import migrations, models

from smscenter.accounts.operations import ReplaceIndexes, RunScript


class Migration(migrations.Migration):

    dependencies = [("messaging", "0043_word_index")]

    operations = [
        migrations.SeparateDatabaseAndState(
            # If SQLite's table is created again. PostgreSQL has an index of this name.
            state_operations=[
                ReplaceIndexes('smsmessage', [
                    models.Index(fields=['organization', 'sent'], name='sms_sent'),
                    models.Index(fields=['organization', '-created'], include=('lead', 'direction', 'status'), name='sms_org_created'),
                ]),
            ],
            database_operations=[
                RunScript(sqlite=Path(__file__).with_name("sent_index_sqlite.sql")),
            ],
        ),
    ]
