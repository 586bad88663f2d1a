from typing import Any

from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers

KINDS = [('move', 'Status change'), ('comment', 'Comment by requester'), ('reply', 'Reply by support'), ('note', 'Note'), ('mail', 'Email'), ('assignment', 'Assignment'), ('edit', 'Edited by requester')]


def rename_comments(apps: Any, _schema_editor: Any) -> None:
    """Tell what requesters wrote from what they changed, which used to have the same kind."""
    events = apps.get_model("support", "SupportRequestEvent").objects.filter(kind="edit")
    events.exclude(note__startswith="Changed: ").update(kind="comment")


class Migration(migrations.Migration):
    dependencies = [("support", "0003_support_staff")]

    operations = [
        KeepTriggers([
            migrations.RemoveConstraint("supportrequestevent", "request_event_kind"),
            migrations.RemoveConstraint("supportrequestevent", "request_event_internal"),
            migrations.AlterField(
                "supportrequestevent", "kind", models.CharField(choices=KINDS, default="move", max_length=10)
            ),
            migrations.AddConstraint(
                "supportrequestevent",
                models.CheckConstraint(
                    name="request_event_kind", condition=models.Q(kind__in=[kind for kind, _ in KINDS])
                ),
            ),
            migrations.AddConstraint(
                "supportrequestevent",
                models.CheckConstraint(
                    name="request_event_internal",
                    condition=models.Q(internal=False) | ~models.Q(kind__in=["move", "comment", "reply"]),
                ),
            ),
        ]),
        migrations.RunPython(rename_comments, migrations.RunPython.noop),
    ]
