import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from smscenter.accounts.operations import SameOrganization


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_organization_quiet_hours'),
        ('leads', '0002_triggers'),
        ('messaging', '0020_media_files'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkSend',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form_token', models.UUIDField(blank=True, editable=False, null=True)),
                ('kind', models.CharField(choices=[('send', 'Send'), ('resend', 'Resend')], max_length=6)),
                ('query', models.CharField(blank=True, help_text='The search it was created from.', max_length=2000)),
                ('selection', models.JSONField(default=list, help_text='IDs of the leads or failed texts.')),
                ('text', models.TextField(blank=True, help_text='With placeholders. Empty for resends.')),
                ('pace', models.PositiveIntegerField(default=60, help_text='Texts per minute.')),
                ('state', models.CharField(choices=[('preparing', 'Preparing'), ('ready', 'Ready to start'), ('running', 'Sending'), ('paused', 'Paused'), ('stopped', 'Stopped'), ('done', 'Done')], default='preparing', max_length=9)),
                ('total', models.PositiveIntegerField(default=0)),
                ('prepared', models.PositiveIntegerField(default=0, help_text='How many have an item.')),
                ('hold', models.CharField(blank=True, choices=[('', 'Not held'), ('limit', "Your organization's limit per hour"), ('daily_cap', 'Daily cap of the sender number'), ('sender', 'Sender number turned off'), ('person', 'The person who started it has left')], default='', max_length=9)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('next_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('worked_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('created', models.DateTimeField(default=django.utils.timezone.now)),
                ('started', models.DateTimeField(blank=True, null=True)),
                ('finished', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
                ('sender', models.ForeignKey(blank=True, help_text="Resends use each text's own.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='messaging.sendernumber')),
                ('template', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='messaging.messagetemplate')),
            ],
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('made', 'Text made'), ('left_out', 'Left out'), ('stopped', 'Stopped')], max_length=8)),
                ('name', models.CharField(help_text="The lead's, in case it's deleted.", max_length=255)),
                ('phone', models.CharField(blank=True, max_length=16)),
                ('text', models.TextField(blank=True)),
                ('segments', models.PositiveSmallIntegerField(default=0)),
                ('reason', models.CharField(blank=True, default='', max_length=20)),
                ('notes', models.JSONField(default=list)),
                ('due', models.DateTimeField(null=True)),
                ('once', models.CharField(max_length=40, null=True)),
                ('contact', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='leads.contact')),
                ('lead', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='leads.lead')),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bulk_items', to='messaging.smsmessage')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
                ('sender', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='messaging.sendernumber')),
                ('bulk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='messaging.bulksend')),
            ],
        ),
        migrations.AddIndex(
            model_name='bulksend',
            index=models.Index(fields=['organization', '-created', '-id'], name='bulk_created'),
        ),
        migrations.AddIndex(
            model_name='bulksend',
            index=models.Index(condition=models.Q(('state__in', ['preparing', 'running'])), fields=['id'], name='bulk_in_work'),
        ),
        migrations.AddConstraint(
            model_name='bulksend',
            constraint=models.UniqueConstraint(fields=('id', 'organization'), name='bulk_organization'),
        ),
        migrations.AddConstraint(
            model_name='bulksend',
            constraint=models.UniqueConstraint(condition=models.Q(('form_token__isnull', False)), fields=('organization', 'form_token'), name='bulk_form_token'),
        ),
        migrations.AddConstraint(
            model_name='bulksend',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['send', 'resend'])), name='bulk_kind'),
        ),
        migrations.AddConstraint(
            model_name='bulksend',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['preparing', 'ready', 'running', 'paused', 'stopped', 'done'])), name='bulk_state'),
        ),
        migrations.AddConstraint(
            model_name='bulksend',
            constraint=models.CheckConstraint(condition=models.Q(('hold__in', ['', 'limit', 'daily_cap', 'sender', 'person'])), name='bulk_hold'),
        ),
        migrations.AddConstraint(
            model_name='bulksend',
            constraint=models.CheckConstraint(condition=models.Q(('pace__gt', 0)), name='bulk_pace'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['bulk', 'position'], name='bulk_item_next'),
        ),
        migrations.AddConstraint(
            model_name='bulkitem',
            constraint=models.UniqueConstraint(fields=('bulk', 'position'), name='bulk_item_position'),
        ),
        migrations.AddConstraint(
            model_name='bulkitem',
            constraint=models.UniqueConstraint(fields=('bulk', 'once'), name='bulk_item_once'),
        ),
        migrations.AddConstraint(
            model_name='bulkitem',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'made', 'left_out', 'stopped'])), name='bulk_item_state'),
        ),
        migrations.AddConstraint(
            model_name='bulkitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'left_out'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='bulk_item_left_out'),
        ),
        SameOrganization("messaging_bulksend", "sender_id", "messaging_sendernumber"),
        SameOrganization("messaging_bulksend", "template_id", "messaging_messagetemplate"),
        SameOrganization("messaging_bulkitem", "sender_id", "messaging_sendernumber"),
        SameOrganization("messaging_bulkitem", "contact_id", "leads_contact"),
        SameOrganization("messaging_bulkitem", "bulk_id", "messaging_bulksend"),
        SameOrganization("messaging_bulkitem", "lead_id", "leads_lead"),
        SameOrganization("messaging_bulkitem", "message_id", "messaging_smsmessage"),
    ]
