from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("leads", "0019_rare_counts")]

    operations = [
        # NULL without a default, so that neither database writes all rows again.
        migrations.AddField(
            model_name='lead',
            name='first_sms_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
