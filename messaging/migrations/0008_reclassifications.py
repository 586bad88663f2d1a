import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

REASONS = [('not_sms_capable', 'Landline'), ('unsupported_country', 'Unsupported country'), ('spam', 'Flagged as spam'), ('unknown', 'Unknown reason'), ('unreachable', 'Phone unreachable'), ('invalid_number', "Number doesn't exist"), ('opted_out', 'Opted out'), ('recipient_blocked', 'Sender blocked'), ('unregistered_sender', 'Sender not registered'), ('sender_config', 'Sender not configured'), ('rate_limit', 'Sending limit reached'), ('carrier_outage', 'Carrier outage'), ('too_long', 'Text too long'), ('content_invalid', 'Invalid content'), ('insufficient_funds', 'Carrier account issue'), ('expired', 'Delivery timed out'), ('fraud_block', 'Flagged as fraud'), ('quiet_hours', 'Quiet hours')]
RETRIES = [('permanent', 'Never'), ('permanent-until-fixed', 'Never: someone has to fix the cause first'), ('transient', 'Soon: after 1 minute, 10 minutes, and 1 hour'), ('once', 'Once, after 10 minutes'), ('minutes', 'After 15 to 30 minutes'), ('hours', 'After 2, 8, and 24 hours'), ('morning', 'At 8 AM where the recipient is'), ('pacific_day', 'After midnight Pacific time'), ('rolling_day', 'After 24 hours')]


class Migration(migrations.Migration):

    dependencies = [
        ("messaging", "0007_retry_clocks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Reclassification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_reason', models.CharField(choices=REASONS, max_length=20)),
                ('old_retry', models.CharField(choices=RETRIES, max_length=21)),
                ('was_known', models.BooleanField()),
                ('new_reason', models.CharField(choices=REASONS, max_length=20)),
                ('created', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_attempt', models.BigIntegerField(default=0)),
                ('texts', models.PositiveIntegerField(default=0)),
                ('finished', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reclassifications', to='messaging.carriercode')),
                ('undoes', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='undone_by', to='messaging.reclassification')),
            ],
        ),
        migrations.AddField(
            model_name='carriercode',
            name='reminded',
            field=models.DateTimeField(editable=False, help_text='When staff last got an email about it.', null=True),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('code', ''), _negated=True), fields=['code', 'id'], include=('carrier', 'created'), name='attempt_code'),
        ),
        migrations.AddIndex(
            model_name='reclassification',
            index=models.Index(condition=models.Q(('finished', None)), fields=['id'], name='reclassification_open'),
        ),
        migrations.AddConstraint(
            model_name='reclassification',
            constraint=models.CheckConstraint(condition=models.Q(('new_reason__in', [value for value, _ in REASONS]), ('old_reason__in', [value for value, _ in REASONS])), name='reclassification_reasons'),
        ),
        migrations.AddConstraint(
            model_name='reclassification',
            constraint=models.CheckConstraint(condition=models.Q(('old_retry__in', [value for value, _ in RETRIES])), name='reclassification_retry'),
        ),
    ]
