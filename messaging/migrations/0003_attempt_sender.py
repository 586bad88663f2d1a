import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Q, Subquery

from smscenter.accounts.operations import KeepTriggers, SameOrganization


def copy_senders(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Copy the senders of attempts that can still be claimed."""
    attempts = apps.get_model("messaging", "Attempt").objects.filter(state__in=["queued", "sending"])
    messages = apps.get_model("messaging", "SmsMessage").objects.filter(pk=OuterRef("message"))
    attempts.update(sender=Subquery(messages.values("sender")))


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_triggers")]

    operations = [
        KeepTriggers(
            [
                migrations.AddField(
                    model_name="attempt",
                    name="sender",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="messaging.sendernumber",
                    ),
                ),
            ]
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=Q(("state", "queued")),
                fields=["sender", "due", "id"],
                name="attempt_sender_due",
            ),
        ),
        migrations.RemoveIndex(model_name="attempt", name="attempt_due"),
        migrations.RunPython(copy_senders, migrations.RunPython.noop),
        SameOrganization(
            child="messaging_attempt", column="sender_id", parent="messaging_sendernumber"
        ),
    ]
