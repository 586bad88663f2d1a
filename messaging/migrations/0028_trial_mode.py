import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers, SameOrganization


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_first_steps'),
        ('leads', '0006_imports'),
        ('messaging', '0027_alerts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PhoneVerification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(max_length=16)),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('created', models.DateTimeField(default=django.utils.timezone.now)),
                ('verified', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        KeepTriggers([
            migrations.RemoveConstraint(
                model_name='sendernumber',
                name='sender_number',
            ),
            migrations.RemoveConstraint(
                model_name='smsmessage',
                name='sms_automatic',
            ),
            migrations.AddField(
                model_name='sendernumber',
                name='trial',
                field=models.BooleanField(db_default=False, default=False, editable=False),
            ),
            migrations.AlterField(
                model_name='smsmessage',
                name='automatic',
                field=models.CharField(blank=True, choices=[('', 'Not automatic'), ('opt_out', 'Opt-out confirmation'), ('help', 'Reply to HELP'), ('code', 'Verification code')], db_default='', default='', max_length=10),
            ),
            migrations.AddConstraint(
                model_name='sendernumber',
                constraint=models.UniqueConstraint(condition=models.Q(('trial', False)), fields=('carrier', 'phone'), name='sender_number'),
            ),
            migrations.AddConstraint(
                model_name='sendernumber',
                constraint=models.UniqueConstraint(condition=models.Q(('trial', True)), fields=('organization', 'carrier', 'phone'), name='sender_trial'),
            ),
            migrations.AddConstraint(
                model_name='sendernumber',
                constraint=models.CheckConstraint(condition=models.Q(('trial', False), models.Q(('daily_cap__isnull', False), ('daily_cap__lte', 50), ('owner', None)), _connector='OR'), name='sender_trial_cap'),
            ),
            migrations.AddConstraint(
                model_name='smsmessage',
                constraint=models.CheckConstraint(condition=models.Q(('automatic__in', ['', 'opt_out', 'help', 'code'])), name='sms_automatic'),
            ),
        ]),
        migrations.AddField(
            model_name='phoneverification',
            name='message',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='messaging.smsmessage'),
        ),
        migrations.AddField(
            model_name='phoneverification',
            name='organization',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='phoneverification',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='phoneverification',
            index=models.Index(fields=['created'], name='phone_code_created'),
        ),
        migrations.AddIndex(
            model_name='phoneverification',
            index=models.Index(fields=['user', 'created'], name='phone_code_user'),
        ),
        migrations.AddIndex(
            model_name='phoneverification',
            index=models.Index(condition=models.Q(('verified__isnull', False)), fields=['organization', 'phone'], name='verified_phones'),
        ),
        migrations.AddConstraint(
            model_name='phoneverification',
            constraint=models.UniqueConstraint(condition=models.Q(('verified__isnull', False)), fields=('user',), name='verified_phone'),
        ),
        migrations.AddConstraint(
            model_name='phoneverification',
            constraint=models.CheckConstraint(condition=models.Q(('phone__startswith', '+')), name='verified_phone_e164'),
        ),
        migrations.AddConstraint(
            model_name='phoneverification',
            constraint=models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='phone_tries'),
        ),
        SameOrganization("messaging_phoneverification", "message_id", "messaging_smsmessage"),
    ]
