"""The tables of requests to support, and the group that answers them.

The landed migrations up to 0007, at once: see docs/architecture.md, "Squashed migrations".
"""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models
from django.db.migrations import CreateModel
from django.db.models import CASCADE, PROTECT, SET_NULL, CheckConstraint, F, ForeignKey, Index, Q, UniqueConstraint, functions
from django.utils import timezone

import smscenter.stored_files
import smscenter.support.models.evidence
from smscenter.accounts.operations import CreateModels, SameOrganization

USER = settings.AUTH_USER_MODEL
ID = ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))
ORGANIZATION = ('organization', ForeignKey(db_index=False, on_delete=PROTECT, related_name='+', to='accounts.organization'))

# Child, column, and parent.
SAME_ORGANIZATION = [
    ('support_supportrequest', 'sender_id', 'messaging_sendernumber'),
    ('support_supportrequestmessage', 'request_id', 'support_supportrequest'),
    ('support_supportrequestmessage', 'message_id', 'messaging_smsmessage'),
    ('support_supportrequestevent', 'request_id', 'support_supportrequest'),
    ('support_evidence', 'request_id', 'support_supportrequest'),
    ('support_mail', 'request_id', 'support_supportrequest'),
    ('support_mail', 'event_id', 'support_supportrequestevent'),
    ('support_whitelisting', 'sender_id', 'messaging_sendernumber'),
    ('support_whitelisting', 'request_id', 'support_supportrequest'),
    ('support_receivedmail', 'request_id', 'support_supportrequest'),
]

MODELS = [
    CreateModel(
        name='SupportRequest',
        fields=[
            ID,
            ('form_token', models.UUIDField(blank=True, editable=False, null=True)),
            ('version', models.PositiveIntegerField(default=0, editable=False)),
            ('saved_from', models.UUIDField(editable=False, null=True)),
            ('kind', models.CharField(choices=[('whitelist', 'Whitelist request'), ('other', 'Question')], default='whitelist', max_length=10)),
            ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('more_information', 'Info requested'), ('sent_to_carrier', 'Sent to carrier'), ('whitelisted', 'Whitelisted'), ('answered', 'Answered'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='draft', max_length=20)),
            ('website', models.URLField(blank=True, verbose_name='website address')),
            ('content_type', models.CharField(blank=True, max_length=200, verbose_name='type of content')),
            ('examples', models.TextField(blank=True, max_length=10000, verbose_name='examples of message content')),
            ('opted_in', models.CharField(blank=True, choices=[('yes', 'Yes'), ('no', 'No'), ('unsure', "I don't know")], max_length=6, verbose_name='did the recipient opt in at some point')),
            ('relationship', models.TextField(blank=True, max_length=2000, verbose_name='relationship between you and the recipient')),
            ('opt_out_wording', models.TextField(blank=True, max_length=2000, verbose_name='how your texts explain opting out')),
            ('opt_in_method', models.CharField(blank=True, max_length=200, verbose_name='how they opted in')),
            ('opt_in_date', models.DateField(blank=True, null=True, verbose_name='when they opted in')),
            ('opt_in_wording', models.TextField(blank=True, max_length=2000, verbose_name='what they agreed to, word for word')),
            ('opt_in_page', models.URLField(blank=True, verbose_name='page where they opted in')),
            ('volume', models.PositiveIntegerField(blank=True, null=True, verbose_name='texts per month')),
            ('subject', models.CharField(blank=True, max_length=200)),
            ('body', models.TextField(blank=True, max_length=10000, verbose_name='question')),
            ('carrier_ticket', models.CharField(blank=True, max_length=60)),
            ('decision', models.TextField(blank=True, help_text='Reason the requester sees.')),
            ('decided', models.DateTimeField(blank=True, null=True)),
            ('submitted', models.DateTimeField(blank=True, editable=False, null=True)),
            ('first_answered', models.DateTimeField(blank=True, editable=False, null=True)),
            ('created', models.DateTimeField(default=timezone.now)),
            ('updated', models.DateTimeField(auto_now=True)),
            ('assignee', ForeignKey(blank=True, limit_choices_to={'is_staff': True}, null=True, on_delete=SET_NULL, related_name='assigned_support_requests', to=USER)),
            ('created_by', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('decided_by', ForeignKey(blank=True, null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ORGANIZATION,
            ('sender', ForeignKey(blank=True, db_index=False, null=True, on_delete=PROTECT, related_name='support_requests', to='messaging.sendernumber', verbose_name='sender number')),
            ('messages', models.ManyToManyField(blank=True, related_name='support_requests', through='support.SupportRequestMessage', to='messaging.smsmessage')),
        ],
        options={
            'indexes': [
                Index(fields=['organization', '-created', '-id'], name='request_created'),
                Index(fields=['organization', 'sender'], name='request_sender'),
                Index(fields=['state', 'submitted', 'id'], include=('assignee', 'first_answered'), name='request_queue'),
                Index(fields=['submitted', 'id'], include=('first_answered', 'decided'), name='request_submitted'),
            ],
            'constraints': [
                UniqueConstraint(fields=('id', 'organization'), name='request_organization'),
                UniqueConstraint(fields=('organization', 'form_token'), name='request_form_token'),
                CheckConstraint(condition=Q(('kind__in', ['whitelist', 'other'])), name='request_kind'),
                CheckConstraint(condition=Q(('state__in', ['draft', 'submitted', 'more_information', 'sent_to_carrier', 'whitelisted', 'answered', 'refused', 'withdrawn'])), name='request_state'),
                CheckConstraint(condition=Q(('opted_in__in', ['', 'yes', 'no', 'unsure'])), name='request_opted_in'),
                CheckConstraint(condition=Q(Q(('decided__isnull', False), ('state__in', ['answered', 'refused', 'whitelisted'])), Q(Q(('state__in', ['answered', 'refused', 'whitelisted']), _negated=True), ('decided', None)), _connector='OR'), name='request_decided'),
                CheckConstraint(condition=Q(Q(('kind', 'whitelist'), _negated=True), ('state__in', ['draft', 'withdrawn']), Q(('sender__isnull', False), Q(('website', ''), _negated=True), Q(('content_type', ''), _negated=True), Q(('examples', ''), _negated=True), Q(('opted_in', ''), _negated=True), Q(('relationship', ''), _negated=True)), _connector='OR'), name='request_complete'),
                CheckConstraint(condition=Q(Q(('state', 'whitelisted'), _negated=True), ('kind', 'whitelist'), _connector='OR'), name='request_whitelisted'),
                CheckConstraint(condition=Q(Q(('state', 'answered'), _negated=True), ('kind', 'other'), _connector='OR'), name='request_answered'),
                CheckConstraint(condition=Q(Q(('kind', 'other'), _negated=True), ('state__in', ['draft', 'withdrawn']), Q(Q(('subject', ''), _negated=True), Q(('body', ''), _negated=True)), _connector='OR'), name='request_question'),
            ],
        },
    ),
    CreateModel(
        name='Feedback',
        fields=[
            ID,
            ('article', models.SlugField(db_index=False, max_length=80)),
            ('helpful', models.BooleanField()),
            ('comment', models.TextField(blank=True, max_length=2000)),
            ('client', models.CharField(blank=True, default='', editable=False, max_length=64)),
            ('created', models.DateTimeField(default=timezone.now)),
            ('user', ForeignKey(blank=True, null=True, on_delete=SET_NULL, related_name='+', to=USER)),
        ],
        options={
            'verbose_name_plural': 'feedback',
            'indexes': [
                Index(fields=['article', 'created'], name='feedback_article'),
                Index(fields=['created'], name='feedback_created'),
            ],
            'constraints': [
                UniqueConstraint(condition=Q(('client', ''), _negated=True), fields=('client', 'article'), name='feedback_client'),
            ],
        },
    ),
    CreateModel(
        name='Evidence',
        fields=[
            ID,
            ('file', models.FileField(storage=smscenter.stored_files.private_storage, upload_to=smscenter.support.models.evidence.random_name)),
            ('name', models.CharField(max_length=100)),
            ('size', models.PositiveIntegerField(help_text='Size in bytes.')),
            ('content_type', models.CharField(max_length=40)),
            ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
            ('created', models.DateTimeField(default=timezone.now)),
            ORGANIZATION,
            ('uploaded_by', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('request', ForeignKey(db_index=False, on_delete=CASCADE, related_name='evidence', to='support.supportrequest')),
        ],
        options={
            'verbose_name_plural': 'evidence',
            'ordering': ['created', 'id'],
            'indexes': [
                Index(fields=['request', 'created', 'id'], name='evidence_created'),
            ],
        },
    ),
    CreateModel(
        name='SupportRequestEvent',
        fields=[
            ID,
            ('kind', models.CharField(choices=[('move', 'Status change'), ('comment', 'Comment by requester'), ('reply', 'Reply by support'), ('note', 'Note'), ('mail', 'Email'), ('assignment', 'Assignment'), ('edit', 'Edited by requester')], default='move', max_length=10)),
            ('internal', models.BooleanField(default=False, help_text='Visible to support staff only.')),
            ('old', models.CharField(blank=True, choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('more_information', 'Info requested'), ('sent_to_carrier', 'Sent to carrier'), ('whitelisted', 'Whitelisted'), ('answered', 'Answered'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], max_length=20)),
            ('new', models.CharField(blank=True, choices=[('draft', 'Draft'), ('submitted', 'Submitted'), ('more_information', 'Info requested'), ('sent_to_carrier', 'Sent to carrier'), ('whitelisted', 'Whitelisted'), ('answered', 'Answered'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], max_length=20)),
            ('note', models.TextField(blank=True)),
            ('created', models.DateTimeField(default=timezone.now)),
            ORGANIZATION,
            ('request', ForeignKey(db_index=False, on_delete=CASCADE, related_name='events', to='support.supportrequest')),
            ('user', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
        ],
        options={
            'ordering': ['created', 'id'],
            'indexes': [
                Index(fields=['request', 'created', 'id'], name='request_event_created'),
            ],
            'constraints': [
                UniqueConstraint(fields=('id', 'organization'), name='request_event_organization'),
                CheckConstraint(condition=Q(Q(('kind', 'move'), ('new__in', ['draft', 'submitted', 'more_information', 'sent_to_carrier', 'whitelisted', 'answered', 'refused', 'withdrawn']), ('old__in', ['draft', 'submitted', 'more_information', 'sent_to_carrier', 'whitelisted', 'answered', 'refused', 'withdrawn'])), Q(Q(('kind', 'move'), _negated=True), ('new', ''), ('old', '')), _connector='OR'), name='request_event_states'),
                CheckConstraint(condition=Q(('kind__in', ['move', 'comment', 'reply', 'note', 'mail', 'assignment', 'edit'])), name='request_event_kind'),
                CheckConstraint(condition=Q(('internal', False), Q(('kind__in', ['move', 'comment', 'reply']), _negated=True), _connector='OR'), name='request_event_internal'),
            ],
        },
    ),
    CreateModel(
        name='SupportRequestMessage',
        fields=[
            ID,
            ('message', ForeignKey(on_delete=CASCADE, to='messaging.smsmessage')),
            ORGANIZATION,
            ('request', ForeignKey(db_index=False, on_delete=CASCADE, to='support.supportrequest')),
        ],
        options={
            'constraints': [
                UniqueConstraint(fields=('request', 'message'), name='request_message'),
            ],
        },
    ),
    CreateModel(
        name='Whitelisting',
        fields=[
            ID,
            ('carrier', models.CharField(max_length=20)),
            ('granted', models.DateTimeField(default=timezone.now)),
            ('expires', models.DateTimeField(blank=True, null=True)),
            ('expiry_notified', models.BooleanField(default=False, editable=False)),
            ('revoked', models.DateTimeField(blank=True, null=True)),
            ('revocation', models.TextField(blank=True, help_text='Reason the requester sees.')),
            ORGANIZATION,
            ('request', models.OneToOneField(on_delete=PROTECT, related_name='whitelisting', to='support.supportrequest')),
            ('revoked_by', ForeignKey(blank=True, null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('sender', ForeignKey(db_index=False, on_delete=PROTECT, related_name='whitelistings', to='messaging.sendernumber')),
        ],
        options={
            'indexes': [
                Index(fields=['organization', 'sender', 'carrier'], name='whitelisting_sender'),
                Index(condition=Q(('expiry_notified', False), ('revoked', None)), fields=['expires'], name='whitelisting_expires_next'),
            ],
            'constraints': [
                CheckConstraint(condition=Q(('expires', None), ('expires__gt', F('granted')), _connector='OR'), name='whitelisting_expires', violation_error_message='The expiration date must be after the start date.'),
                CheckConstraint(condition=Q(('revoked', None), ('revoked__gte', F('granted')), _connector='OR'), name='whitelisting_revoked', violation_error_message="The revocation date can't be before the start date."),
            ],
        },
    ),
    CreateModel(
        name='Mail',
        fields=[
            ID,
            ('lease', models.UUIDField(editable=False, null=True)),
            ('lease_until', models.DateTimeField(editable=False, null=True)),
            ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ('to', models.EmailField(max_length=254)),
            ('subject', models.CharField(max_length=250)),
            ('text', models.TextField()),
            ('html', models.TextField(blank=True)),
            ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed')], default='waiting', max_length=10)),
            ('tries', models.PositiveSmallIntegerField(default=0)),
            ('due', models.DateTimeField(default=timezone.now)),
            ('error', models.TextField(blank=True, help_text='Last response from the mail server.')),
            ('created', models.DateTimeField(default=timezone.now)),
            ('sent', models.DateTimeField(blank=True, null=True)),
            ORGANIZATION,
            ('request', ForeignKey(db_index=False, on_delete=CASCADE, related_name='mails', to='support.supportrequest')),
            ('event', models.OneToOneField(on_delete=CASCADE, related_name='mail', to='support.supportrequestevent')),
            ('reply_to', models.EmailField(blank=True, db_default='', default='', max_length=254)),
        ],
        options={
            'verbose_name': 'email',
            'indexes': [
                Index(fields=['request', 'created'], name='mail_request'),
                Index(condition=Q(('state', 'waiting')), fields=['due', 'id'], name='mail_due'),
                Index(condition=Q(('state', 'sending')), fields=['lease_until'], name='mail_leased'),
            ],
            'constraints': [
                CheckConstraint(condition=Q(('state__in', ['waiting', 'sending', 'sent', 'failed'])), name='mail_state'),
                CheckConstraint(condition=Q(Q(('state', 'sending'), _negated=True), Q(('lease__isnull', False), ('lease_until__isnull', False)), _connector='OR'), name='mail_lease'),
            ],
        },
    ),
    CreateModel(
        name='SavedReply',
        fields=[
            ID,
            ('name', models.CharField(max_length=80)),
            ('text', models.TextField(max_length=2000)),
        ],
        options={
            'verbose_name_plural': 'saved replies',
            'ordering': [functions.Lower('name'), 'id'],
            'constraints': [
                UniqueConstraint(functions.Lower('name'), name='saved_reply_name', violation_error_message="There's already a saved reply with this name."),
                CheckConstraint(condition=Q(Q(('name', ''), _negated=True), Q(('text', ''), _negated=True)), name='saved_reply_filled'),
            ],
        },
    ),
    CreateModel(
        name='ReceivedMail',
        fields=[
            ID,
            ('key', models.CharField(help_text='SHA-256 of its Message-ID.', max_length=64)),
            ('outcome', models.CharField(choices=[('added', 'Added to the request'), ('refused', 'Refused, and the sender notified')], max_length=10)),
            ('received', models.DateTimeField(default=timezone.now)),
            ORGANIZATION,
            ('request', ForeignKey(db_index=False, on_delete=CASCADE, related_name='received_mails', to='support.supportrequest')),
            ('user', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
        ],
        options={
            'verbose_name': 'received email',
            'indexes': [
                Index(fields=['received'], name='received_mail_received'),
            ],
            'constraints': [
                UniqueConstraint(fields=('request', 'key'), name='received_mail_key'),
                CheckConstraint(condition=Q(('outcome__in', ['added', 'refused'])), name='received_mail_outcome'),
            ],
        },
    ),
]

# What the group "Support" of the installation may do. An administrator may change it afterwards.
# They talk to carriers, so they know first what a carrier's codes mean.
PERMISSIONS = {
    'support': [
        *('view_supportrequest', 'change_supportrequest', 'view_whitelisting', 'change_whitelisting'),
        *('view_supportrequestevent', 'view_supportrequestmessage', 'view_evidence', 'view_feedback'),
        *('view_mail', 'view_receivedmail', 'view_savedreply'),
    ],
    'messaging': ['view_carriercode', 'change_carriercode'],
}


def create_group(apps: Any, _schema_editor: Any) -> None:
    Group, Permission = (apps.get_model('auth', name) for name in ('Group', 'Permission'))
    group, _ = Group.objects.get_or_create(name='Support')
    for label, codenames in PERMISSIONS.items():
        _create_permissions(apps, label)
        permissions = Permission.objects.filter(content_type__app_label=label)
        group.permissions.add(*permissions.filter(codename__in=codenames))


def _create_permissions(apps: Any, label: str) -> None:
    """Django creates permissions after all migrations, and this one needs them now."""
    config = apps.get_app_config(label)
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ('support', '0001_initial'),
        ('support', '0002_triggers'),
        ('support', '0003_support_staff'),
        ('support', '0004_comments_and_replies'),
        ('support', '0005_saved_replies'),
        ('support', '0006_replies_by_email'),
        ('support', '0007_waiting_times'),
    ]

    dependencies = [
        ('accounts', '0001_squashed_0011'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('messaging', '0001_squashed_0036'),
        migrations.swappable_dependency(USER),
    ]

    operations = [
        CreateModels(MODELS),
        *(SameOrganization(*names) for names in SAME_ORGANIZATION),
        migrations.RunPython(create_group, migrations.RunPython.noop),
    ]
