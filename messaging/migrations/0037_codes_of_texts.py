from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0036_templates_of_leads'),
    ]

    operations = [
        # NULL without a default, so that neither database writes all rows again.
        migrations.AddField(
            model_name='smsmessage',
            name='codes',
            field=models.CharField(blank=True, editable=False, help_text="Carriers' error codes of its attempts, one per line.", max_length=250, null=True),
        ),
    ]
