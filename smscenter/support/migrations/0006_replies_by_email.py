from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from smscenter.accounts.operations import KeepTriggers, SameOrganization


def grant_permissions(apps: Any, _schema_editor: Any) -> None:
    """Let the group "Support" see what was received, and its saved replies, in the admin."""
    Group, Permission = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    ContentType = apps.get_model("contenttypes", "ContentType")
    for group in Group.objects.filter(name="Support"):
        for model, name in (("receivedmail", "received email"), ("savedreply", "saved reply")):
            # Django creates them after all migrations, and leaves them as they are.
            content_type, _ = ContentType.objects.get_or_create(app_label="support", model=model)
            permission, _ = Permission.objects.get_or_create(
                content_type=content_type, codename=f"view_{model}", defaults={"name": f"Can view {name}"}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_user_theme"),
        ("support", "0005_saved_replies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        KeepTriggers([
            migrations.AddField(
                "mail", "reply_to", models.EmailField(blank=True, db_default="", default="", max_length=254)
            ),
        ]),
        migrations.CreateModel(
            name='ReceivedMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='SHA-256 of its Message-ID.', max_length=64)),
                ('outcome', models.CharField(choices=[('added', 'Added to the request'), ('refused', 'Refused, and the sender notified')], max_length=10)),
                ('received', models.DateTimeField(default=django.utils.timezone.now)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
                ('request', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='received_mails', to='support.supportrequest')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'received email',
                'indexes': [models.Index(fields=['received'], name='received_mail_received')],
                'constraints': [models.UniqueConstraint(fields=('request', 'key'), name='received_mail_key'), models.CheckConstraint(condition=models.Q(('outcome__in', ['added', 'refused'])), name='received_mail_outcome')],
            },
        ),
        SameOrganization(child="support_receivedmail", column="request_id", parent="support_supportrequest"),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
