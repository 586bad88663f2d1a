"""The tables of leads, and what keeps their counts and words.

The landed migrations up to 0014, at once: see docs/architecture.md, "Squashed migrations".
"""

from pathlib import Path

from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.migrations import CreateModel
from django.db.models import CASCADE, DO_NOTHING, PROTECT, SET_NULL, CheckConstraint, F, ForeignKey, Index, Q, UniqueConstraint, expressions, functions
from django.utils import timezone

import leads.models.imports
import search.words.text_lookups
import smscenter.stored_files
from smscenter.accounts.operations import CreateModels, RunScript, SameOrganization

HERE = Path(__file__).parent
SQUASHED = HERE / 'squashed'
USER = settings.AUTH_USER_MODEL
ID = ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))
ORGANIZATION = ('organization', ForeignKey(db_index=False, on_delete=PROTECT, related_name='+', to='accounts.organization'))

# Child, column, and parent.
SAME_ORGANIZATION = [
    ('leads_lead', 'status_id', 'leads_leadstatus'),
    ('leads_contact', 'lead_id', 'leads_lead'),
    ('leads_address', 'lead_id', 'leads_lead'),
    ('leads_note', 'lead_id', 'leads_lead'),
    ('leads_deletednote', 'lead_id', 'leads_lead'),
    ('leads_contactphone', 'contact_id', 'leads_contact'),
    ('leads_contactemail', 'contact_id', 'leads_contact'),
    ('leads_leadvisit', 'lead_id', 'leads_lead'),
    ('leads_leadmerge', 'lead_id', 'leads_lead'),
    ('leads_leadmerge', 'source_id', 'leads_lead'),
    ('leads_deletedlead', 'lead_id', 'leads_lead'),
    ('leads_deletedlead', 'merge_id', 'leads_leadmerge'),
    ('leads_leadchange', 'lead_id', 'leads_lead'),
    ('leads_leadchange', 'bulk_id', 'leads_bulkchange'),
    ('leads_leadchange', 'merge_id', 'leads_leadmerge'),
    ('leads_leadstatus', 'replacement_id', 'leads_bulkchange'),
    ('leads_leadimport', 'status_id', 'leads_leadstatus'),
    ('leads_importrow', 'lead_import_id', 'leads_leadimport'),
    ('leads_importrow', 'lead_id', 'leads_lead'),
    ('leads_importproblem', 'lead_import_id', 'leads_leadimport'),
    ('leads_importkey', 'lead_import_id', 'leads_leadimport'),
    ('leads_leadwords', 'lead_id', 'leads_lead'),
]

MODELS = [
    CreateModel(
        name='CustomField',
        fields=[
            ID,
            ('name', models.CharField(max_length=80)),
            ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('choice', 'Choice'), ('user', 'User')], default='text', max_length=10)),
            ('choices', models.JSONField(blank=True, default=list, help_text='Values to choose from, for the kind Choice.')),
            ('position', models.PositiveSmallIntegerField(default=0)),
            ORGANIZATION,
            ('own_key', models.CharField(blank=True, db_default='', default='', editable=False, max_length=80)),
            ('removed', models.DateTimeField(blank=True, editable=False, null=True)),
        ],
        options={
            'ordering': ['position', 'id'],
            'constraints': [
                UniqueConstraint(F('organization'), functions.Lower('name'), name='custom_field_name'),
                CheckConstraint(condition=Q(('kind__in', ['text', 'number', 'date', 'choice', 'user'])), name='custom_field_kind'),
            ],
        },
    ),
    CreateModel(
        name='BulkChange',
        fields=[
            ID,
            ('form_token', models.UUIDField(blank=True, editable=False, null=True)),
            ('kind', models.CharField(choices=[('owner', 'Assign'), ('status', 'Change status'), ('handled', 'Mark failures as handled')], max_length=7)),
            ('model', models.CharField(choices=[('lead', 'Leads'), ('message', 'Messages')], default='lead', max_length=7)),
            ('value', models.BigIntegerField(blank=True, null=True)),
            ('label', models.CharField(blank=True, max_length=160)),
            ('selection', models.JSONField(default=list, help_text='IDs of the leads or texts.')),
            ('total', models.PositiveIntegerField(default=0)),
            ('position', models.PositiveIntegerField(default=0, help_text='How many were looked at.')),
            ('changed', models.PositiveIntegerField(default=0)),
            ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('undoing', 'Undoing'), ('undone', 'Undone'), ('stopped', 'Stopped')], default='running', max_length=7)),
            ('created', models.DateTimeField(default=timezone.now)),
            ('created_by', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ORGANIZATION,
        ],
        options={
            'indexes': [
                Index(condition=Q(('state__in', ['running', 'undoing'])), fields=['id'], name='bulk_change_in_work'),
            ],
            'constraints': [
                UniqueConstraint(fields=('id', 'organization'), name='bulk_change_organization'),
                UniqueConstraint(condition=Q(('form_token__isnull', False)), fields=('organization', 'form_token'), name='bulk_change_form_token'),
                CheckConstraint(condition=Q(('kind__in', ['owner', 'status', 'handled'])), name='bulk_change_kind'),
                CheckConstraint(condition=Q(('model__in', ['lead', 'message'])), name='bulk_change_model'),
                CheckConstraint(condition=Q(('state__in', ['running', 'done', 'undoing', 'undone', 'stopped'])), name='bulk_change_state'),
            ],
        },
    ),
    CreateModel(
        name='LeadStatus',
        fields=[
            ID,
            ('label', models.CharField(max_length=60)),
            ('position', models.PositiveSmallIntegerField(default=0)),
            ORGANIZATION,
            ('color', models.CharField(choices=[('gray', 'Gray'), ('blue', 'Blue'), ('purple', 'Purple'), ('green', 'Green'), ('orange', 'Orange'), ('pink', 'Pink'), ('teal', 'Teal'), ('brown', 'Brown')], db_default='gray', default='gray', max_length=6)),
            ('removed', models.DateTimeField(blank=True, editable=False, null=True)),
            ('replacement', ForeignKey(db_index=False, editable=False, null=True, on_delete=SET_NULL, related_name='+', to='leads.bulkchange')),
        ],
        options={
            'verbose_name_plural': 'lead statuses',
            'ordering': ['position', 'id'],
            'constraints': [
                UniqueConstraint(F('organization'), functions.Lower('label'), name='lead_status_label'),
                UniqueConstraint(fields=('id', 'organization'), name='lead_status_organization'),
                CheckConstraint(condition=Q(('color__in', ['gray', 'blue', 'purple', 'green', 'orange', 'pink', 'teal', 'brown'])), name='lead_status_color'),
            ],
        },
    ),
    CreateModel(
        name='Lead',
        fields=[
            ID,
            ('form_token', models.UUIDField(blank=True, editable=False, null=True)),
            ('name', models.CharField(max_length=255)),
            ('url', models.URLField(blank=True, verbose_name='website')),
            ('description', models.TextField(blank=True)),
            ('custom', models.JSONField(blank=True, default=dict)),
            ('created', models.DateTimeField(default=timezone.now)),
            ('updated', models.DateTimeField(auto_now=True)),
            ('sms_count', models.PositiveIntegerField(default=0, editable=False)),
            ('sent_sms_count', models.PositiveIntegerField(default=0, editable=False)),
            ('received_sms_count', models.PositiveIntegerField(default=0, editable=False)),
            ('failed_sms_count', models.PositiveIntegerField(default=0, editable=False)),
            ('latest_sms_status', models.CharField(blank=True, choices=[('', 'No SMS sent'), ('outbox', 'Sending'), ('sent', 'Sent'), ('error', 'Error')], default='', editable=False, max_length=10)),
            ('latest_sms_at', models.DateTimeField(editable=False, null=True)),
            ('latest_sms_id', models.BigIntegerField(editable=False, null=True)),
            ('last_sms_at', models.DateTimeField(editable=False, null=True)),
            ('last_note_at', models.DateTimeField(editable=False, null=True)),
            ('last_activity_at', models.GeneratedField(db_persist=True, expression=functions.Greatest(F('created'), functions.Coalesce('last_note_at', 'created'), functions.Coalesce('last_sms_at', 'created')), output_field=models.DateTimeField())),
            ('created_by', ForeignKey(blank=True, null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ORGANIZATION,
            ('owner', ForeignKey(blank=True, db_index=False, null=True, on_delete=SET_NULL, related_name='owned_leads', to=USER)),
            ('status', ForeignKey(db_index=False, on_delete=PROTECT, related_name='leads', to='leads.leadstatus')),
            ('external_id', models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='external ID')),
            ('contact_count', models.IntegerField(db_default=0, default=0, editable=False)),
            ('phone_count', models.IntegerField(db_default=0, default=0, editable=False)),
            ('email_count', models.IntegerField(db_default=0, default=0, editable=False)),
            ('address_count', models.IntegerField(db_default=0, default=0, editable=False)),
            ('note_count', models.IntegerField(db_default=0, default=0, editable=False)),
            ('latest_sms_failed', models.GeneratedField(db_persist=True, expression=Q(('latest_sms_status', 'error')), output_field=models.BooleanField())),
        ],
        options={
            'indexes': [
                Index(fields=['organization', '-last_activity_at', '-id'], name='lead_activity'),
                Index(condition=Q(('failed_sms_count__gt', 0)), fields=['organization', '-last_activity_at', '-id'], include=('failed_sms_count',), name='lead_failed'),
                Index(condition=Q(('sms_count', 0)), fields=['organization', '-last_activity_at', '-id'], name='lead_no_sms'),
                Index(fields=['organization', 'status', '-last_activity_at', '-id'], name='lead_status_activity'),
                Index(fields=['organization', 'name', 'id'], name='lead_name_order'),
                Index(fields=['organization', '-failed_sms_count', '-id'], name='lead_failed_order'),
                Index(condition=Q(('external_id', ''), _negated=True), fields=['organization', 'external_id'], name='lead_external_id'),
                Index(fields=['organization', 'owner', '-last_activity_at', '-id'], name='lead_owner_activity'),
                Index(fields=['organization', 'created', 'id'], name='lead_created_order'),
                Index(fields=['organization', '-contact_count', '-id'], name='lead_contacts_order'),
                Index(condition=Q(('latest_sms_failed', True)), fields=['organization', '-last_activity_at', '-id'], name='lead_latest_error'),
            ],
            'constraints': [
                UniqueConstraint(fields=('id', 'organization'), name='lead_organization'),
                UniqueConstraint(condition=Q(('form_token__isnull', False)), fields=('organization', 'form_token'), name='lead_form_token'),
                CheckConstraint(condition=Q(('name', ''), _negated=True), name='lead_name'),
                CheckConstraint(condition=Q(('latest_sms_status__in', ['', 'outbox', 'sent', 'error'])), name='lead_latest_sms_status'),
            ],
        },
    ),
    CreateModel(
        name='Address',
        fields=[
            ID,
            ('street', models.CharField(blank=True, max_length=200)),
            ('city', models.CharField(blank=True, max_length=100)),
            ('state', models.CharField(blank=True, max_length=60)),
            ('postal_code', models.CharField(blank=True, max_length=20)),
            ('country', models.CharField(default='US', help_text='Two-letter ISO 3166 code.', max_length=2)),
            ORGANIZATION,
            ('lead', ForeignKey(on_delete=CASCADE, related_name='addresses', to='leads.lead')),
        ],
        options={
            'verbose_name_plural': 'addresses',
            'ordering': ['id'],
        },
    ),
    CreateModel(
        name='Contact',
        fields=[
            ID,
            ('form_token', models.UUIDField(blank=True, editable=False, null=True)),
            ('name', models.CharField(max_length=160)),
            ('title', models.CharField(blank=True, max_length=120)),
            ('created', models.DateTimeField(default=timezone.now)),
            ORGANIZATION,
            ('lead', ForeignKey(on_delete=CASCADE, related_name='contacts', to='leads.lead')),
        ],
        options={
            'ordering': ['id'],
            'constraints': [
                UniqueConstraint(fields=('id', 'organization'), name='contact_organization'),
                UniqueConstraint(condition=Q(('form_token__isnull', False)), fields=('organization', 'form_token'), name='contact_form_token'),
            ],
        },
    ),
    CreateModel(
        name='DeletedNote',
        fields=[
            ID,
            ('written', models.DateTimeField(help_text='When the note was created.')),
            ('created', models.DateTimeField(default=timezone.now, verbose_name='deleted')),
            ('author', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('deleted_by', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ORGANIZATION,
            ('lead', ForeignKey(db_index=False, on_delete=CASCADE, related_name='deleted_notes', to='leads.lead')),
        ],
        options={
            'indexes': [
                Index(fields=['lead', '-created', '-id'], name='deleted_note_lead'),
            ],
        },
    ),
    CreateModel(
        name='Note',
        fields=[
            ID,
            ('form_token', models.UUIDField(blank=True, editable=False, null=True)),
            ('text', models.TextField()),
            ('created', models.DateTimeField(default=timezone.now)),
            ('updated', models.DateTimeField(auto_now=True)),
            ('edited', models.DateTimeField(blank=True, editable=False, null=True)),
            ('edited_by', ForeignKey(blank=True, editable=False, null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('lead', ForeignKey(db_index=False, on_delete=CASCADE, related_name='notes', to='leads.lead')),
            ORGANIZATION,
            ('user', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
        ],
        options={
            'indexes': [
                Index(fields=['lead', '-created', '-id'], name='note_lead_created'),
                Index(fields=['organization', '-created'], name='note_organization_created'),
            ],
            'constraints': [
                UniqueConstraint(condition=Q(('form_token__isnull', False)), fields=('organization', 'form_token'), name='note_form_token'),
            ],
        },
    ),
    CreateModel(
        name='ContactEmail',
        fields=[
            ID,
            ('email', models.EmailField(max_length=254)),
            ('contact', ForeignKey(db_index=False, on_delete=CASCADE, related_name='emails', to='leads.contact')),
            ORGANIZATION,
        ],
        options={
            'ordering': ['id'],
            'indexes': [
                Index(fields=['organization', 'email'], name='contact_email_address'),
                Index(F('organization'), functions.Lower('email'), name='contact_email_lower'),
                Index(F('organization'), functions.Lower(functions.Substr('email', expressions.CombinedExpression(functions.StrIndex('email', models.Value('@')), '+', models.Value(1)))), name='contact_email_domain'),
            ],
            'constraints': [
                UniqueConstraint(fields=('contact', 'email'), name='contact_email'),
            ],
        },
    ),
    CreateModel(
        name='ContactPhone',
        fields=[
            ID,
            ('phone', models.CharField(max_length=16)),
            ('extension', models.CharField(blank=True, max_length=10)),
            ('label', models.CharField(choices=[('mobile', 'Mobile'), ('office', 'Office'), ('home', 'Home'), ('other', 'Other')], default='mobile', max_length=10)),
            ('contact', ForeignKey(db_index=False, on_delete=CASCADE, related_name='phones', to='leads.contact')),
            ORGANIZATION,
        ],
        options={
            'ordering': ['id'],
            'indexes': [
                Index(fields=['organization', 'phone'], name='contact_phone_number', opclasses=['int8_ops', 'varchar_pattern_ops']),
            ],
            'constraints': [
                UniqueConstraint(fields=('contact', 'phone', 'extension'), name='contact_phone'),
                CheckConstraint(condition=Q(('phone__startswith', '+')), name='contact_phone_e164'),
                CheckConstraint(condition=Q(('label__in', ['mobile', 'office', 'home', 'other'])), name='contact_phone_label'),
            ],
        },
    ),
    CreateModel(
        name='LeadVisit',
        fields=[
            ID,
            ('seen', models.DateTimeField(help_text='When the newest activity was created.')),
            ('lead', ForeignKey(db_index=False, on_delete=CASCADE, related_name='+', to='leads.lead')),
            ORGANIZATION,
            ('user', ForeignKey(db_index=False, on_delete=CASCADE, related_name='+', to=USER)),
        ],
        options={
            'indexes': [
                Index(fields=['user'], name='lead_visit_user'),
            ],
            'constraints': [
                UniqueConstraint(fields=('lead', 'user'), name='lead_visit'),
            ],
        },
    ),
    CreateModel(
        name='LeadMerge',
        fields=[
            ID,
            ('source_name', models.CharField(max_length=255)),
            ('moves', models.JSONField(default=list, editable=False)),
            ('former', models.JSONField(default=dict, editable=False)),
            ('singles', models.JSONField(default=list, editable=False)),
            ('created', models.DateTimeField(default=timezone.now, verbose_name='merged')),
            ('undone', models.DateTimeField(blank=True, null=True)),
            ('lead', ForeignKey(on_delete=CASCADE, related_name='merges', to='leads.lead')),
            ORGANIZATION,
            ('source', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to='leads.lead')),
            ('undone_by', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('user', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
        ],
        options={
            'constraints': [
                UniqueConstraint(fields=('id', 'organization'), name='merge_organization'),
            ],
        },
    ),
    CreateModel(
        name='DeletedLead',
        fields=[
            ID,
            ('created', models.DateTimeField(default=timezone.now, verbose_name='deleted')),
            ('lead', models.OneToOneField(on_delete=CASCADE, related_name='deletion', to='leads.lead')),
            ORGANIZATION,
            ('user', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('merge', ForeignKey(blank=True, null=True, on_delete=CASCADE, related_name='+', to='leads.leadmerge')),
        ],
        options={
            'indexes': [
                Index(fields=['organization', '-created', '-id'], include=('lead',), name='deleted_lead'),
            ],
        },
    ),
    CreateModel(
        name='LeadChange',
        fields=[
            ID,
            ('field', models.CharField(choices=[('owner', 'Owner'), ('status', 'Status'), ('merged', 'Merged'), ('deleted', 'Deleted'), ('restored', 'Restored')], max_length=8)),
            ('old', models.CharField(blank=True, max_length=255)),
            ('new', models.CharField(blank=True, max_length=255)),
            ('old_id', models.BigIntegerField(blank=True, null=True)),
            ('new_id', models.BigIntegerField(blank=True, null=True)),
            ('created', models.DateTimeField(default=timezone.now)),
            ('undone', models.DateTimeField(blank=True, null=True)),
            ('bulk', ForeignKey(blank=True, null=True, on_delete=SET_NULL, related_name='changes', to='leads.bulkchange')),
            ('lead', ForeignKey(db_index=False, on_delete=CASCADE, related_name='changes', to='leads.lead')),
            ORGANIZATION,
            ('user', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('merge', ForeignKey(blank=True, null=True, on_delete=SET_NULL, related_name='+', to='leads.leadmerge')),
        ],
        options={
            'indexes': [
                Index(fields=['lead', '-created', '-id'], name='lead_change_created'),
            ],
            'constraints': [
                CheckConstraint(condition=Q(('field__in', ['owner', 'status', 'merged', 'deleted', 'restored'])), name='lead_change_field'),
            ],
        },
    ),
    CreateModel(
        name='LeadImport',
        fields=[
            ID,
            ('form_token', models.UUIDField(blank=True, editable=False, null=True)),
            ('kind', models.CharField(choices=[('leads', 'Leads'), ('opt_outs', 'Opt-outs')], default='leads', max_length=8)),
            ('name', models.CharField(max_length=200, verbose_name='file name')),
            ('file', models.FileField(blank=True, editable=False, max_length=200, storage=smscenter.stored_files.private_storage, upload_to=leads.models.imports.path_of)),
            ('encoding', models.CharField(blank=True, max_length=20)),
            ('delimiter', models.CharField(blank=True, max_length=1)),
            ('state', models.CharField(choices=[('reading', 'Reading the file'), ('unreadable', "Can't be read"), ('mapping', 'Match columns'), ('checking', 'Checking'), ('ready', 'Ready to import'), ('importing', 'Importing'), ('canceled', 'Canceled'), ('done', 'Imported'), ('undoing', 'Undoing'), ('undone', 'Undone')], default='reading', max_length=10)),
            ('problem', models.CharField(blank=True, max_length=300)),
            ('has_header', models.BooleanField(default=True)),
            ('header', models.JSONField(blank=True, default=list)),
            ('header_key', models.CharField(blank=True, max_length=64)),
            ('sample', models.JSONField(blank=True, default=list)),
            ('columns', models.JSONField(blank=True, default=list)),
            ('match_on', models.JSONField(blank=True, default=list)),
            ('duplicates', models.CharField(choices=[('merge', 'Merge into the existing lead'), ('skip', 'Skip the row'), ('add', 'Add a new lead anyway')], default='merge', max_length=5)),
            ('overwrites', models.BooleanField(default=False)),
            ('is_strict', models.BooleanField(default=False)),
            ('new_fields', models.JSONField(default=list, help_text='IDs of the custom fields it created.')),
            ('total', models.PositiveIntegerField(default=0)),
            ('position', models.PositiveIntegerField(default=0)),
            ('offset', models.PositiveBigIntegerField(default=0)),
            ('added', models.PositiveIntegerField(default=0)),
            ('merged', models.PositiveIntegerField(default=0)),
            ('skipped', models.PositiveIntegerField(default=0)),
            ('rejected', models.PositiveIntegerField(default=0)),
            ('undone', models.PositiveIntegerField(default=0)),
            ('created', models.DateTimeField(default=timezone.now)),
            ('started', models.DateTimeField(blank=True, null=True)),
            ('finished', models.DateTimeField(blank=True, null=True)),
            ('created_by', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ORGANIZATION,
            ('owner', ForeignKey(blank=True, null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ('status', ForeignKey(blank=True, null=True, on_delete=SET_NULL, related_name='+', to='leads.leadstatus')),
        ],
        options={
            'verbose_name': 'import',
            'indexes': [
                Index(fields=['organization', '-created', '-id'], name='lead_import_created'),
                Index(condition=Q(('state__in', ['reading', 'checking', 'importing', 'undoing'])), fields=['id'], name='lead_import_in_work'),
            ],
            'constraints': [
                UniqueConstraint(fields=('id', 'organization'), name='lead_import_organization'),
                UniqueConstraint(condition=Q(('form_token__isnull', False)), fields=('organization', 'form_token'), name='lead_import_form_token'),
                CheckConstraint(condition=Q(('kind__in', ['leads', 'opt_outs'])), name='lead_import_kind'),
                CheckConstraint(condition=Q(('duplicates__in', ['merge', 'skip', 'add'])), name='lead_import_duplicates'),
                CheckConstraint(condition=Q(('state__in', ['reading', 'unreadable', 'mapping', 'checking', 'ready', 'importing', 'canceled', 'done', 'undoing', 'undone'])), name='lead_import_state'),
            ],
        },
    ),
    CreateModel(
        name='ImportKey',
        fields=[
            ID,
            ('digest', models.BigIntegerField()),
            ('number', models.PositiveIntegerField(help_text='Row number in the file.')),
            ORGANIZATION,
            ('lead_import', ForeignKey(db_index=False, on_delete=CASCADE, related_name='keys', to='leads.leadimport')),
        ],
        options={
            'constraints': [
                UniqueConstraint(fields=('lead_import', 'digest'), name='import_key_digest'),
            ],
        },
    ),
    CreateModel(
        name='ImportProblem',
        fields=[
            ID,
            ('number', models.PositiveIntegerField(help_text='Row number in the file.')),
            ('column', models.PositiveIntegerField(blank=True, null=True)),
            ('code', models.CharField(max_length=20)),
            ('value', models.CharField(blank=True, max_length=200)),
            ('message', models.CharField(max_length=200)),
            ('is_fatal', models.BooleanField(default=False, help_text="The row isn't imported.")),
            ORGANIZATION,
            ('lead_import', ForeignKey(db_index=False, on_delete=CASCADE, related_name='problems', to='leads.leadimport')),
        ],
        options={
            'ordering': ['number', 'id'],
            'indexes': [
                Index(fields=['lead_import', 'code', 'number'], name='import_problem_code'),
            ],
        },
    ),
    CreateModel(
        name='ImportRow',
        fields=[
            ID,
            ('number', models.PositiveIntegerField(help_text='Row number in the file.')),
            ('outcome', models.CharField(choices=[('added', 'Added'), ('merged', 'Merged'), ('skipped', 'Skipped')], max_length=7)),
            ('before', models.JSONField(default=dict, editable=False)),
            ('kept', models.CharField(blank=True, help_text="Why it wasn't undone.", max_length=200)),
            ('lead', ForeignKey(on_delete=CASCADE, related_name='+', to='leads.lead')),
            ORGANIZATION,
            ('lead_import', ForeignKey(db_index=False, on_delete=CASCADE, related_name='rows', to='leads.leadimport')),
        ],
        options={
            'constraints': [
                UniqueConstraint(fields=('lead_import', 'number'), name='import_row_number'),
                CheckConstraint(condition=Q(('outcome__in', ['added', 'merged', 'skipped'])), name='import_row_outcome'),
            ],
        },
    ),
    CreateModel(
        name='Erasure',
        fields=[
            ID,
            ('lead_number', models.BigIntegerField(help_text='ID of the lead.')),
            ('created_by_name', models.CharField(blank=True, max_length=160)),
            ('created', models.DateTimeField(default=timezone.now)),
            ('finished', models.DateTimeField(blank=True, null=True)),
            ('person', models.JSONField(default=dict, editable=False)),
            ('part', models.PositiveSmallIntegerField(default=0, editable=False)),
            ('after', models.BigIntegerField(default=0, editable=False)),
            ('counts', models.JSONField(default=dict, help_text='How many of what were erased.')),
            ('created_by', ForeignKey(null=True, on_delete=SET_NULL, related_name='+', to=USER)),
            ORGANIZATION,
        ],
        options={
            'indexes': [
                Index(fields=['organization', '-created', '-id'], name='erasure_created'),
                Index(condition=Q(('finished', None)), fields=['id'], name='erasure_in_work'),
            ],
        },
    ),
    CreateModel(
        name='LeadWords',
        fields=[
            ID,
            ('kind', models.CharField(choices=[('name', 'Name'), ('description', 'Description'), ('url', 'Website'), ('contact', 'Contact name'), ('title', 'Contact title'), ('email', 'Email address')], max_length=11)),
            ('source', models.BigIntegerField(help_text='ID of the lead, contact, or email address.')),
            ('words', search.words.text_lookups.WordsField()),
            ('lead', ForeignKey(db_index=False, on_delete=DO_NOTHING, related_name='+', to='leads.lead')),
            ORGANIZATION,
        ],
        options={
            'indexes': [
                Index(fields=['lead', 'organization'], name='lead_words_lead'),
            ],
            'constraints': [
                UniqueConstraint(fields=('source', 'kind'), name='lead_words_source'),
                CheckConstraint(condition=Q(('kind__in', ['name', 'description', 'url', 'contact', 'title', 'email'])), name='lead_words_kind'),
            ],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ('leads', '0001_initial'),
        ('leads', '0002_triggers'),
        ('leads', '0003_lead_visits'),
        ('leads', '0004_lead_changes'),
        ('leads', '0005_removed_statuses_and_fields'),
        ('leads', '0006_imports'),
        ('leads', '0007_erasures'),
        ('leads', '0008_lead_words'),
        ('leads', '0009_fill_lead_words'),
        ('leads', '0010_lead_counts'),
        ('leads', '0011_fill_lead_counts'),
        ('leads', '0012_latest_sms_failed'),
        ('leads', '0013_triggers_name_organization'),
        ('leads', '0014_phone_digits'),
    ]

    dependencies = [
        ('accounts', '0001_squashed_0011'),
        ('search', '0001_squashed_0005'),
        migrations.swappable_dependency(USER),
    ]

    operations = [
        CreateModels(MODELS),
        *(SameOrganization(*names) for names in SAME_ORGANIZATION),
        TrigramExtension(),  # indexes of some digits of a number
        RunScript(sqlite=HERE / 'triggers_sqlite.sql'),  # of notes
        RunScript(sqlite=HERE / 'words_sqlite.sql', postgresql=SQUASHED / 'words_postgresql.sql'),
        RunScript(sqlite=HERE / 'counts_sqlite.sql', postgresql=SQUASHED / 'counts_postgresql.sql'),
        RunScript(postgresql=SQUASHED / 'indexes_postgresql.sql'),
    ]
