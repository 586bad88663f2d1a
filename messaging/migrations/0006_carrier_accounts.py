from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers


class Migration(migrations.Migration):
    dependencies = [("messaging", "0005_carrier_health")]

    operations = [
        KeepTriggers(
            [
                migrations.AddField(
                    model_name="attempt",
                    name="account",
                    field=models.CharField(blank=True, db_default="", default="", max_length=20),
                ),
                migrations.AddField(
                    model_name="sendernumber",
                    name="account",
                    field=models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="The carrier's account that the number belongs to.",
                        max_length=20,
                    ),
                ),
            ]
        ),
    ]
