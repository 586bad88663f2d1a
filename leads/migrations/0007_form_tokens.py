from django.conf import settings
from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers


def once(model: str) -> list[migrations.operations.base.Operation]:
    return [
        migrations.AddField(
            model_name=model,
            name='form_token',
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name=model,
            constraint=models.UniqueConstraint(condition=models.Q(('form_token__isnull', False)), fields=('organization', 'form_token'), name=f'{model}_form_token'),
        ),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('leads', '0006_deleted_notes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        KeepTriggers([operation for model in ('lead', 'contact', 'note') for operation in once(model)]),
    ]
