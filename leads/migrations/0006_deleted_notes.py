import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers, SameOrganization


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('leads', '0005_search_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        KeepTriggers([
            migrations.AddField(
                model_name='note',
                name='edited',
                field=models.DateTimeField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='note',
                name='edited_by',
                field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
            ),
        ]),
        migrations.CreateModel(
            name='DeletedNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('written', models.DateTimeField(help_text='When the note was created.')),
                ('created', models.DateTimeField(default=django.utils.timezone.now, verbose_name='deleted')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deleted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lead', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deleted_notes', to='leads.lead')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
            ],
            options={
                'indexes': [models.Index(fields=['lead', '-created', '-id'], name='deleted_note_lead')],
            },
        ),
        SameOrganization(child="leads_deletednote", column="lead_id", parent="leads_lead"),
    ]
