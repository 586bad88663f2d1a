from django.db import migrations, models

from smscenter.accounts.operations import ReplaceIndexes

CONTACTS = models.Q(('contact_count__lt', 1), ('contact_count__gt', 1), _connector='OR')
FAILED = models.Q(('failed_sms_count__lt', 0), ('failed_sms_count__gt', 0), _connector='OR')


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("leads", "0018_fill_many_sms")]

    operations = [
        ReplaceIndexes('lead', [
            models.Index(condition=CONTACTS, fields=['organization', '-contact_count', '-id'], name='lead_contacts_order'),
            models.Index(condition=FAILED, fields=['organization', '-failed_sms_count', '-id'], name='lead_failed_order'),
        ]),
    ]
