from typing import Any

from django.db import migrations, models
from django.db.models import Q

RETRIES = [
    ("permanent", "Never"),
    ("permanent-until-fixed", "Never: someone has to fix the cause first"),
    ("transient", "Soon: after 1 minute, 10 minutes, and 1 hour"),
    ("once", "Once, after 10 minutes"),
    ("minutes", "After 15 to 30 minutes"),
    ("hours", "After 2, 8, and 24 hours"),
    ("morning", "At 8 AM where the recipient is"),
    ("pacific_day", "After midnight Pacific time"),
    ("rolling_day", "After 24 hours"),
]
# The rules that the code had for these codes, whatever staff changed about them.
CLOCKS = {
    "pacific_day": Q(code__in=["30023", "30027", "40016", "4780"]),
    "rolling_day": Q(code="63038"),
    "morning": Q(reason="quiet_hours"),
    "once": Q(reason__in=["unreachable", "unknown"]),
}


def keep_clocks(apps: Any, _schema_editor: Any) -> None:
    """Keep when codes that staff changed are retried. The others follow the shipped files."""
    CarrierCode = apps.get_model("messaging", "CarrierCode")
    for retry, codes in CLOCKS.items():
        CarrierCode.objects.filter(codes, retry="transient").update(retry=retry)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_carrier_accounts")]

    operations = [
        migrations.AddField(
            model_name="carriercode",
            name="fix",
            field=models.TextField(
                blank=True,
                default="",
                db_default="",
                help_text="What someone has to do before the text can be resent. People see this.",
                verbose_name="what to do",
            ),
        ),
        migrations.AlterField(
            model_name="carriercode",
            name="retry",
            field=models.CharField(choices=RETRIES, default="permanent", max_length=21),
        ),
        migrations.RemoveConstraint(model_name="carriercode", name="carrier_code_retry"),
        migrations.AddConstraint(
            model_name="carriercode",
            constraint=models.CheckConstraint(
                condition=Q(retry__in=[value for value, _ in RETRIES]), name="carrier_code_retry"
            ),
        ),
        migrations.RunPython(keep_clocks, migrations.RunPython.noop),
    ]
