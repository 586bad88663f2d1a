from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers, RunScript


class Migration(migrations.Migration):

    dependencies = [
        ("messaging", "0028_trial_mode"),
    ]

    operations = [
        KeepTriggers([
            migrations.RemoveConstraint(model_name="smsmessage", name="sms_form_token"),
            migrations.AlterField(
                model_name='smsmessage',
                name='template',
                field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='messaging.messagetemplate'),
            ),
            migrations.AddIndex(
                model_name='smsmessage',
                index=models.Index(condition=models.Q(('template__isnull', False)), fields=['template'], name='sms_template'),
            ),
            migrations.AddConstraint(
                model_name='smsmessage',
                constraint=models.UniqueConstraint(condition=models.Q(('form_token__isnull', False)), fields=('organization', 'form_token'), name='sms_form_token'),
            ),
        ]),
        RunScript(postgresql=Path(__file__).with_name("texts_vacuum_postgresql.sql")),
    ]
