from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers


class Migration(migrations.Migration):

    dependencies = [
        ('support', '0009_feedback_clients'),
    ]

    operations = [
        KeepTriggers([
            migrations.AddField(
                model_name='request',
                name='version',
                field=models.PositiveIntegerField(default=0, editable=False),
            ),
            migrations.AddField(
                model_name='request',
                name='saved_from',
                field=models.UUIDField(editable=False, null=True),
            ),
        ]),
    ]
