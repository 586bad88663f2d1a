"""The tables of organizations, users, and their email.

The landed migrations up to 0011, at once: see docs/architecture.md, "Squashed migrations".
"""

import uuid

from django.conf import settings
from django.contrib.auth.models import UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import migrations, models
from django.db.migrations import CreateModel
from django.db.models import PROTECT, SET_NULL, CheckConstraint, F, ForeignKey, Index, Q, UniqueConstraint, functions
from django.utils import timezone

import smscenter.accounts.models
from smscenter.accounts.operations import CreateModels

USER = settings.AUTH_USER_MODEL
ID = ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))
ORGANIZATION = ('organization', ForeignKey(db_index=False, on_delete=PROTECT, related_name='+', to='accounts.organization'))

MODELS = [
    CreateModel(
        name='Organization',
        fields=[
            ID,
            ('name', models.CharField(max_length=120)),
            ('slug', models.SlugField(unique=True)),
            ('time_zone', models.CharField(default='America/New_York', max_length=40, validators=[smscenter.accounts.models.validate_time_zone])),
            ('regions', models.JSONField(default=smscenter.accounts.models.default_regions, help_text='Countries you can text, as ISO 3166 codes.')),
            ('unknown_senders_become_leads', models.BooleanField(default=True, help_text='Create a lead when an unknown number texts you.')),
            ('help_reply', models.CharField(blank=True, db_default='', default='', help_text='Reply to HELP. Leave empty for your name and how to opt out.', max_length=320)),
            ('opt_out_reply', models.CharField(blank=True, db_default='', default='', help_text="Confirms an opt-out if the carrier doesn't. Leave empty for a standard text.", max_length=320)),
            ('quiet_hours', models.CharField(choices=[('warn', 'Warn before sending'), ('hold', "Hold texts until it's allowed"), ('refuse', "Don't send")], db_default='warn', default='warn', help_text="What to do when it's before 8 AM or after 9 PM where the recipient is.", max_length=6)),
            ('requires_second_factor', models.BooleanField(db_default=False, default=False, help_text='Members without it must set it up before they can go on.', verbose_name='require two-step verification')),
            ('support_can_view_as', models.BooleanField(db_default=True, default=True, help_text='Support staff can see what a member sees, read-only, for up to an hour. The audit log shows who, why, and which pages.', verbose_name='support can view as members')),
            ('first_steps_closed', models.DateTimeField(editable=False, null=True)),
            ('sign_out_after_hours', models.PositiveIntegerField(blank=True, null=True, verbose_name='sign out after')),
            ('sign_out_idle_minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='sign out when idle')),
            ('deletion_reminded', models.BooleanField(db_default=False, default=False, editable=False)),
            ('deletion_requested', models.DateTimeField(blank=True, editable=False, null=True)),
            ('deletion_requested_by', models.CharField(blank=True, db_default='', default='', editable=False, max_length=160)),
        ],
        options={
            'ordering': ['name'],
            'indexes': [
                Index(condition=Q(('deletion_requested__isnull', False)), fields=['deletion_requested'], name='organization_being_deleted'),
            ],
            'constraints': [
                CheckConstraint(condition=Q(('quiet_hours__in', ['warn', 'hold', 'refuse'])), name='organization_quiet_hours'),
                CheckConstraint(condition=Q(Q(('sign_out_idle_minutes', None), ('sign_out_idle_minutes__gte', 5), _connector='OR'), Q(('sign_out_after_hours', None), ('sign_out_after_hours__gte', 1), _connector='OR')), name='organization_session_limits'),
            ],
        },
    ),
    CreateModel(
        name='User',
        fields=[
            ID,
            ('password', models.CharField(max_length=128, verbose_name='password')),
            ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
            ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
            ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[UnicodeUsernameValidator()], verbose_name='username')),
            ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
            ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
            ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
            ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
            ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
            ('date_joined', models.DateTimeField(default=timezone.now, verbose_name='date joined')),
            ('role', models.CharField(choices=[('read_only', 'Read-only'), ('rep', 'Sales rep'), ('manager', 'Manager'), ('owner', 'Owner')], default='rep', max_length=10)),
            ('time_zone', models.CharField(blank=True, help_text="Leave empty to use the organization's.", max_length=40, validators=[smscenter.accounts.models.validate_time_zone])),
            ('organization', ForeignKey(blank=True, null=True, on_delete=PROTECT, related_name='members', to='accounts.organization')),
            ('theme', models.CharField(choices=[('system', 'System'), ('light', 'Light'), ('dark', 'Dark')], db_default='system', default='system', max_length=6)),
            ('removed', models.DateTimeField(blank=True, editable=False, null=True)),
            ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
            ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
        ],
        options={
            'verbose_name': 'user',
            'verbose_name_plural': 'users',
            'abstract': False,
            'constraints': [
                CheckConstraint(condition=Q(('organization__isnull', False), ('is_staff', True), _connector='OR'), name='user_member_or_staff', violation_error_message='Choose an organization, or make the user staff.'),
                CheckConstraint(condition=Q(('theme__in', ['system', 'light', 'dark'])), name='user_theme'),
                CheckConstraint(condition=Q(('role__in', ['read_only', 'rep', 'manager', 'owner'])), name='user_role'),
            ],
        },
        managers=[('objects', UserManager())],
    ),
    CreateModel(
        name='AccountMail',
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
            ('kind', models.CharField(max_length=40)),
        ],
        options={
            'verbose_name': 'email',
            'abstract': False,
            'indexes': [
                Index(fields=['to', 'created'], name='accountmail_to'),
                Index(condition=Q(('state', 'waiting')), fields=['due', 'id'], name='accountmail_due'),
                Index(condition=Q(('state', 'sending')), fields=['lease_until'], name='accountmail_leased'),
            ],
            'constraints': [
                CheckConstraint(condition=Q(('state__in', ['waiting', 'sending', 'sent', 'failed'])), name='accountmail_state'),
                CheckConstraint(condition=Q(Q(('state', 'sending'), _negated=True), Q(('lease__isnull', False), ('lease_until__isnull', False)), _connector='OR'), name='accountmail_lease'),
            ],
        },
    ),
    CreateModel(
        name='Invitation',
        fields=[
            ID,
            ('email', models.EmailField(max_length=254)),
            ('role', models.CharField(choices=[('read_only', 'Read-only'), ('rep', 'Sales rep'), ('manager', 'Manager'), ('owner', 'Owner')], default='rep', max_length=10)),
            ('created', models.DateTimeField(default=timezone.now)),
            ('sent', models.DateTimeField(default=timezone.now)),
            ('accepted', models.DateTimeField(blank=True, null=True)),
            ('withdrawn', models.DateTimeField(blank=True, null=True)),
            ('accepted_by', ForeignKey(blank=True, null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('invited_by', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ORGANIZATION,
        ],
        options={
            'constraints': [
                CheckConstraint(condition=Q(('role__in', ['read_only', 'rep', 'manager', 'owner'])), name='invitation_role'),
                UniqueConstraint(F('organization'), functions.Lower('email'), condition=Q(('accepted', None), ('withdrawn', None)), name='invitation_pending'),
            ],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_automatic_replies'),
        ('accounts', '0003_organization_quiet_hours'),
        ('accounts', '0004_user_theme'),
        ('accounts', '0005_roles'),
        ('accounts', '0006_sign_in'),
        ('accounts', '0007_owners'),
        ('accounts', '0008_support_can_view_as'),
        ('accounts', '0009_first_steps'),
        ('accounts', '0010_session_limits'),
        ('accounts', '0011_organization_deletion'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        CreateModels(MODELS),
    ]
