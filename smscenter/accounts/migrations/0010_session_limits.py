from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_first_steps'),
    ]

    operations = [
        KeepTriggers([
            migrations.AddField(
                model_name='organization',
                name='sign_out_after_hours',
                field=models.PositiveIntegerField(blank=True, null=True, verbose_name='sign out after'),
            ),
            migrations.AddField(
                model_name='organization',
                name='sign_out_idle_minutes',
                field=models.PositiveIntegerField(blank=True, null=True, verbose_name='sign out when idle'),
            ),
            migrations.AddConstraint(
                model_name='organization',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('sign_out_idle_minutes', None), ('sign_out_idle_minutes__gte', 5), _connector='OR'), models.Q(('sign_out_after_hours', None), ('sign_out_after_hours__gte', 1), _connector='OR')), name='organization_session_limits'),
            ),
        ]),
    ]
