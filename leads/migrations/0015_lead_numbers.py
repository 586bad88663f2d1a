from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from smscenter.accounts.operations import RunScript, SameOrganization

HERE = Path(__file__).parent

class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_organization_deletion'),
        ('leads', '0014_phone_digits'),
    ]

    operations = [
        migrations.CreateModel(
            name='LeadNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80)),
                ('value', models.FloatField()),
                ('lead', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.lead')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'key', 'value', 'lead'], name='lead_number_order')],
                'constraints': [models.UniqueConstraint(fields=('lead', 'key'), name='lead_number')],
            },
        ),
        SameOrganization(child="leads_leadnumber", column="lead_id", parent="leads_lead"),
        RunScript(sqlite=HERE / "numbers_sqlite.sql", postgresql=HERE / "numbers_postgresql.sql"),
    ]
