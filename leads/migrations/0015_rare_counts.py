from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("leads", "0014_phone_digits")]

    operations = [
        migrations.RemoveIndex(model_name='lead', name='lead_failed_order'),
        migrations.RemoveIndex(model_name='lead', name='lead_contacts_order'),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('contact_count', 1), _negated=True), fields=['organization', '-contact_count', '-id'], name='lead_contacts_order'),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('failed_sms_count', 0), _negated=True), fields=['organization', '-failed_sms_count', '-id'], name='lead_failed_order'),
        ),
    ]
