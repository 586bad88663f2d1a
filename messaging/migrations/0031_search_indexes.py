from pathlib import Path

from django.db import migrations, models

from smscenter.accounts.operations import RunScript


class Migration(migrations.Migration):

    dependencies = [
        ("leads", "0010_lead_counts"),
        ("messaging", "0030_text_counts_by_sender"),
        ("search", "0002_search_words"),
    ]

    operations = [
        # The same name with other operators, by which PostgreSQL finds the beginning of a number.
        migrations.RemoveIndex(
            model_name='smsmessage',
            name='sms_remote_phone',
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('number__gt', 1)), fields=['organization', 'message'], name='attempt_again'),
        ),
        migrations.AddIndex(
            model_name='smsmessage',
            index=models.Index(fields=['organization', 'remote_phone', '-created'], name='sms_remote_phone', opclasses=['int8_ops', 'varchar_pattern_ops', 'timestamptz_ops']),
        ),
        migrations.AddIndex(
            model_name='smsmessage',
            index=models.Index(condition=models.Q(('reason', ''), _negated=True), fields=['organization', 'reason', '-created', '-id'], include=('lead',), name='sms_reason'),
        ),
        migrations.AddIndex(
            model_name='smsmessage',
            index=models.Index(condition=models.Q(('scheduled__isnull', False)), fields=['organization', 'scheduled'], name='sms_scheduled'),
        ),
        RunScript(postgresql=Path(__file__).with_name("text_indexes_postgresql.sql")),
    ]
