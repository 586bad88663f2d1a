from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0011_fill_lead_counts'),
        ('messaging', '0034_large_tables'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='attempt',
            name='attempt_spam',
        ),
        migrations.RemoveIndex(
            model_name='smsmessage',
            name='sms_sender_created',
        ),
        migrations.RemoveIndex(
            model_name='smsmessage',
            name='sms_error_sender',
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('reason', 'spam')), fields=['carrier', 'created'], include=('organization', 'message', 'sender'), name='attempt_spam'),
        ),
        migrations.AddIndex(
            model_name='smsmessage',
            index=models.Index(condition=models.Q(('direction', 'outgoing')), fields=['sender', 'created'], include=('status', 'reason', 'organization'), name='sms_sender_created'),
        ),
        migrations.AddIndex(
            model_name='smsmessage',
            index=models.Index(condition=models.Q(('status', 'error')), fields=['sender', 'created', 'reason', 'status'], include=('organization',), name='sms_error_sender'),
        ),
        migrations.AddIndex(
            model_name='textcount',
            index=models.Index(condition=models.Q(('by', 'all'), ('span', 'all_day')), fields=['day'], include=('organization', 'sender', 'sent', 'failed'), name='text_count_day'),
        ),
    ]
