"""Give sender numbers the messaging service that their Twilio account was set up with."""

from django.db import migrations, models
from environs import FileAwareEnv


def move_from_accounts(apps, schema_editor):
    env = FileAwareEnv(file_suffix="_FILE", strip_whitespace=True)
    senders = apps.get_model("messaging", "SenderNumber")
    for name in ["", *env.list("TWILIO_ACCOUNTS", default=[])]:
        prefix = f"TWILIO_{name.upper()}_" if name else "TWILIO_"
        if service := env.str(f"{prefix}MESSAGING_SERVICE_SID", default=""):
            rows = senders.objects.filter(carrier="twilio", account=name, messaging_service="")
            rows.update(messaging_service=service)


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0018_sender_kinds'),
    ]

    operations = [
        migrations.AlterField(
            model_name='sendernumber',
            name='messaging_service',
            field=models.CharField(blank=True, db_default='', default='', help_text="The carrier's ID of the service that the number is in, if any. Texts are sent through it, and an opt-out covers all its numbers.", max_length=64),
        ),
        migrations.RunPython(move_from_accounts, migrations.RunPython.noop),
    ]
