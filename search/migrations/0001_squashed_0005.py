"""The table of saved views, and the function that finds the words of a text.

The landed migrations up to 0005, at once: see docs/architecture.md, "Squashed migrations".
"""

from pathlib import Path

from django.conf import settings
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models
from django.db.migrations import CreateModel
from django.db.models import CASCADE, PROTECT, CheckConstraint, F, ForeignKey, Index, Q, UniqueConstraint, functions

HERE = Path(__file__).parent
USER = settings.AUTH_USER_MODEL
ID = ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))

# In this order.
FUNCTION = [HERE / 'search_words_postgresql.sql', HERE / 'prepared_words_postgresql.sql']


def create_function(apps, schema_editor):
    """SQLite gets it from Python, with each connection."""
    if schema_editor.connection.vendor == 'postgresql':
        for path in FUNCTION:
            schema_editor.execute(path.read_text(), params=None)


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ('search', '0001_initial'),
        ('search', '0002_search_words'),
        ('search', '0003_saved_view_columns'),
        ('search', '0004_views_of_requests'),
        ('search', '0005_prepared_words'),
    ]

    dependencies = [
        ('accounts', '0001_squashed_0011'),
        migrations.swappable_dependency(USER),
    ]

    operations = [
        CreateModel(
            name='SavedView',
            fields=[
                ID,
                ('name', models.CharField(max_length=80)),
                ('model', models.CharField(choices=[('lead', 'Leads'), ('message', 'Messages'), ('request', 'Requests')], default='lead', max_length=10)),
                ('query', models.TextField(blank=True, max_length=10000)),
                ('shared', models.BooleanField(default=False, help_text='Visible to all colleagues.')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('organization', ForeignKey(db_index=False, null=True, on_delete=PROTECT, related_name='+', to='accounts.organization')),
                ('owner', ForeignKey(on_delete=CASCADE, related_name='saved_views', to=USER)),
                ('columns', models.CharField(blank=True, db_default='', default='', help_text='Names, with commas.', max_length=200)),
            ],
            options={
                'ordering': ['position', 'name', 'id'],
                'indexes': [
                    Index(fields=['organization', 'model', 'position'], name='saved_view_order'),
                ],
                'constraints': [
                    UniqueConstraint(F('owner'), F('model'), functions.Lower('name'), name='saved_view_name'),
                    CheckConstraint(condition=Q(('name', ''), _negated=True), name='saved_view_has_name'),
                    CheckConstraint(condition=Q(('model__in', ['lead', 'message', 'request'])), name='saved_view_model'),
                    CheckConstraint(condition=Q(Q(('model', 'request'), ('organization', None)), Q(Q(('model', 'request'), _negated=True), ('organization__isnull', False)), _connector='OR'), name='saved_view_organization'),
                ],
            },
        ),
        # So that an index of words can begin with the organization.
        BtreeGinExtension(),
        migrations.RunPython(create_function, migrations.RunPython.noop),
    ]
