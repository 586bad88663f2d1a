from django.db import migrations, models
from django.db.models import F, Q

from smscenter.accounts.operations import KeepTriggers


def assume_started(apps, schema_editor):
    """What a worker took before this migration may have reached the carrier, once it was due."""
    attempts = apps.get_model("messaging", "Attempt").objects.filter(claims__gt=0)
    open_ones = attempts.filter(Q(state="queued") | Q(state="sending") | Q(state="uncertain"))
    open_ones.update(started=F("due"), questions=F("claims") - 1)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_request_ids")]

    operations = [
        KeepTriggers(
            [
                migrations.AddField(
                    model_name='attempt',
                    name='misses',
                    field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text="How often the carrier said that it doesn't have it."),
                ),
                migrations.AddField(
                    model_name='attempt',
                    name='questions',
                    field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='How often a worker got no clear answer, and left a question for later.'),
                ),
                migrations.AddField(
                    model_name='attempt',
                    name='started',
                    field=models.DateTimeField(blank=True, help_text='When a worker first began to hand it to the carrier.', null=True),
                ),
                migrations.AlterField(
                    model_name='attempt',
                    name='claims',
                    field=models.PositiveSmallIntegerField(default=0, help_text='How often a worker began.'),
                ),
            ]
        ),
        migrations.RunPython(assume_started, migrations.RunPython.noop),
    ]
