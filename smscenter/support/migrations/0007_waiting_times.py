from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('support', '0006_replies_by_email'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='supportrequest',
            name='request_queue',
        ),
        migrations.RemoveIndex(
            model_name='supportrequest',
            name='request_submitted',
        ),
        migrations.AddIndex(
            model_name='supportrequest',
            index=models.Index(fields=['state', 'submitted', 'id'], include=('assignee', 'first_answered'), name='request_queue'),
        ),
        migrations.AddIndex(
            model_name='supportrequest',
            index=models.Index(fields=['submitted', 'id'], include=('first_answered', 'decided'), name='request_submitted'),
        ),
    ]
