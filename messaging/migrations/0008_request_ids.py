from django.db import migrations, models

import smscenter.request_id
from smscenter.accounts.operations import KeepTriggers


class Migration(migrations.Migration):
    dependencies = [("messaging", "0007_how_numbers_fare")]

    operations = [
        KeepTriggers(
            [
                migrations.AddField(
                    model_name="attempt",
                    name="request_id",
                    field=models.CharField(
                        blank=True,
                        default=smscenter.request_id.current_request_id,
                        help_text="Of the request that queued it, as in the logs.",
                        max_length=64,
                    ),
                )
            ]
        )
    ]
