from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_organization_deletion'),
        ('leads', '0014_phone_digits'),
        ('messaging', '0035_outcomes_of_numbers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='smsmessage',
            name='sms_template',
        ),
        migrations.AddIndex(
            model_name='smsmessage',
            index=models.Index(condition=models.Q(('template__isnull', False)), fields=['template', 'organization', 'lead'], name='sms_template'),
        ),
    ]
