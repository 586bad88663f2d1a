from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers


class Migration(migrations.Migration):

    dependencies = [("leads", "0011_fill_lead_counts")]

    operations = [
        KeepTriggers([
            migrations.RemoveIndex(model_name='lead', name='lead_latest_error'),
            migrations.AddField(
                model_name='lead',
                name='latest_sms_failed',
                field=models.GeneratedField(db_persist=True, expression=models.Q(('latest_sms_status', 'error')), output_field=models.BooleanField()),
            ),
            migrations.AddIndex(
                model_name='lead',
                index=models.Index(condition=models.Q(('latest_sms_failed', True)), fields=['organization', '-last_activity_at', '-id'], name='lead_latest_error'),
            ),
        ]),
    ]
