"""Index the leads with many texts. Those are few, so the index is small, and filling it is fast."""

from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers

FILL = "UPDATE leads_lead SET has_many_sms = (sms_count > 100) WHERE sms_count > 100"


class Migration(migrations.Migration):

    dependencies = [("leads", "0017_many_sms")]

    operations = [
        KeepTriggers([
            migrations.AddIndex(
                model_name='lead',
                index=models.Index(condition=models.Q(('has_many_sms', True)), fields=['organization', 'id'], name='lead_many_sms'),
            ),
        ]),
        migrations.RunSQL(FILL),
    ]
