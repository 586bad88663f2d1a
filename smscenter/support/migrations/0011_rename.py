"""Throw-away: the squashed 0001_initial, made by makemigrations, takes its place."""

import re
from typing import Any

from django.conf import settings
from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers

NAMES = {
    "request": "supportrequest",
    "requestevent": "supportrequestevent",
    "requestmessage": "supportrequestmessage",
}


class RenameTriggers(KeepTriggers):
    @staticmethod
    def triggers(schema_editor: Any) -> dict[str, str]:
        return {
            name: re.sub(r"support_request(?!_id)", "support_supportrequest", statement)
            for name, statement in KeepTriggers.triggers(schema_editor).items()
        }


def rename_permissions(apps: Any, _schema_editor: Any) -> None:
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    for old, new in NAMES.items():
        for action in ("add", "change", "delete", "view"):
            Permission.objects.filter(
                codename=f"{action}_{old}", content_type__app_label="support"
            ).update(codename=f"{action}_{new}")
        ContentType.objects.filter(app_label="support", model=old).update(model=new)


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0010_draft_versions"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RenameTriggers(
            [
                migrations.RenameModel("Request", "SupportRequest"),
                migrations.RenameModel("RequestEvent", "SupportRequestEvent"),
                migrations.RenameModel("RequestMessage", "SupportRequestMessage"),
            ]
        ),
        migrations.AlterField(
            model_name="supportrequest",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                limit_choices_to={"is_staff": True},
                null=True,
                on_delete=models.deletion.SET_NULL,
                related_name="assigned_support_requests",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="supportrequest",
            name="messages",
            field=models.ManyToManyField(
                blank=True,
                related_name="support_requests",
                through="support.SupportRequestMessage",
                to="messaging.smsmessage",
            ),
        ),
        migrations.AlterField(
            model_name="supportrequest",
            name="sender",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="support_requests",
                to="messaging.sendernumber",
                verbose_name="sending number",
            ),
        ),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop),
    ]
