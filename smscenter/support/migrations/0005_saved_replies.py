import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("support", "0004_comments_and_replies")]

    operations = [
        migrations.CreateModel(
            name='SavedReply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('text', models.TextField(max_length=2000)),
            ],
            options={
                'verbose_name_plural': 'saved replies',
                'ordering': [django.db.models.functions.text.Lower('name'), 'id'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='saved_reply_name', violation_error_message="There's already a saved reply with this name."), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='saved_reply_filled')],
            },
        ),
    ]
