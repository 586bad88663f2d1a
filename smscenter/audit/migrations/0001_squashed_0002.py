"""The audit log, whose records are final.

The landed migrations up to 0002, at once: see docs/architecture.md, "Squashed migrations".
"""

from pathlib import Path

from django.conf import settings
from django.db import migrations, models
from django.db.migrations import CreateModel
from django.db.models import DO_NOTHING, ForeignKey, Index
from django.utils import timezone

from smscenter.accounts.operations import CreateModels, RunScript

SQUASHED = Path(__file__).with_name('squashed')
USER = settings.AUTH_USER_MODEL
ID = ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))

MODELS = [
    CreateModel(
        name='AuditDeletion',
        fields=[
            ID,
            ('before', models.DateTimeField()),
        ],
    ),
    CreateModel(
        name='AuditRecord',
        fields=[
            ID,
            ('actor_name', models.CharField(max_length=160, verbose_name='user')),
            ('action', models.CharField(max_length=40)),
            ('kind', models.CharField(blank=True, max_length=40, verbose_name='object')),
            ('object_id', models.BigIntegerField(null=True)),
            ('summary', models.CharField(max_length=1000)),
            ('changes', models.JSONField(default=list, help_text='Labels, with the values before and after.')),
            ('note', models.CharField(blank=True, max_length=1000)),
            ('address', models.CharField(blank=True, max_length=39)),
            ('device', models.CharField(blank=True, max_length=60)),
            ('request_id', models.CharField(blank=True, max_length=64)),
            ('created', models.DateTimeField(default=timezone.now)),
            ('actor', ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=DO_NOTHING, related_name='+', to=USER)),
            ('organization', ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=DO_NOTHING, related_name='+', to='accounts.organization')),
        ],
        options={
            'verbose_name': 'audit record',
            'indexes': [
                Index(fields=['organization', '-created', '-id'], name='audit_organization'),
                Index(fields=['organization', 'actor', '-created', '-id'], name='audit_actor'),
                Index(fields=['organization', 'action', '-created', '-id'], name='audit_action'),
                Index(fields=['organization', 'kind', 'object_id', '-created', '-id'], name='audit_object'),
                Index(fields=['-created', '-id'], name='audit_created'),
            ],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ('audit', '0001_initial'),
        ('audit', '0002_erased_records'),
    ]

    dependencies = [
        ('accounts', '0001_squashed_0011'),
        ('search', '0001_squashed_0005'),
        migrations.swappable_dependency(USER),
    ]

    operations = [
        CreateModels(MODELS),
        RunScript(sqlite=SQUASHED / 'records_sqlite.sql', postgresql=SQUASHED / 'records_postgresql.sql'),
    ]
