from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.models import expressions, functions

from smscenter.accounts.operations import KeepTriggers, RunScript

HERE = Path(__file__).parent
COUNTS = ["contact_count", "phone_count", "email_count", "address_count", "note_count"]


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0011_organization_deletion"),
        ("leads", "0009_fill_lead_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        KeepTriggers([
            *(
                migrations.AddField(
                    model_name="lead",
                    name=name,
                    field=models.IntegerField(db_default=0, default=0, editable=False),
                )
                for name in COUNTS
            ),
            # lead_owner_activity begins with the organization, as all searches do.
            migrations.AlterField(
                model_name='lead',
                name='owner',
                field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='owned_leads', to=settings.AUTH_USER_MODEL),
            ),
            migrations.AddIndex(
                model_name='lead',
                index=models.Index(fields=['organization', 'owner', '-last_activity_at', '-id'], name='lead_owner_activity'),
            ),
            migrations.AddIndex(
                model_name='lead',
                index=models.Index(fields=['organization', 'created', 'id'], name='lead_created_order'),
            ),
            migrations.AddIndex(
                model_name='lead',
                index=models.Index(fields=['organization', '-contact_count', '-id'], name='lead_contacts_order'),
            ),
        ]),
        # The same name with other operators, by which PostgreSQL finds the beginning of a number.
        migrations.RemoveIndex(model_name='contactphone', name='contact_phone_number'),
        migrations.AddIndex(
            model_name='contactphone',
            index=models.Index(fields=['organization', 'phone'], name='contact_phone_number', opclasses=['int8_ops', 'varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='contactemail',
            index=models.Index(models.F('organization'), functions.Lower(functions.Substr('email', expressions.CombinedExpression(functions.StrIndex('email', models.Value('@')), '+', models.Value(1)))), name='contact_email_domain'),
        ),
        # For indexes of some digits of a number.
        TrigramExtension(),
        RunScript(postgresql=HERE / "lead_indexes_postgresql.sql"),
        RunScript(sqlite=HERE / "counts_sqlite.sql", postgresql=HERE / "counts_postgresql.sql"),
    ]
