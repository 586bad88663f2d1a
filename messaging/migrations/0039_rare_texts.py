from django.db import migrations, models

from smscenter.accounts.operations import AddIndexWhileWriting, DropIndexWhileWriting


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('messaging', '0038_fill_codes'),
    ]

    operations = [
        AddIndexWhileWriting(
            model_name='smsmessage',
            index=models.Index(condition=models.Q(('codes__isnull', False)), fields=['organization', 'codes', '-created', '-id'], include=('lead',), name='sms_codes'),
        ),
        AddIndexWhileWriting(
            model_name='smsmessage',
            index=models.Index(condition=models.Q(('segments__lt', 1), ('segments__gt', 2), _connector='OR'), fields=['organization', '-segments', '-created', '-id'], name='sms_rare_segments'),
        ),
        # Texts have the codes now.
        DropIndexWhileWriting("attempt_code_words"),
    ]
