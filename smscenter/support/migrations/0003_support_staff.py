from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations

# What the group "Support" of the installation may do. An administrator may change it afterwards.
# They talk to carriers, so they know first what a carrier's codes mean.
PERMISSIONS = {
    "support": [
        *("view_supportrequest", "change_supportrequest", "view_whitelisting", "change_whitelisting"),
        *("view_supportrequestevent", "view_supportrequestmessage", "view_evidence", "view_feedback"),
        "view_mail",
    ],
    "messaging": ["view_carriercode", "change_carriercode"],
}


def create_group(apps: Any, _schema_editor: Any) -> None:
    Group, Permission = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    group, _ = Group.objects.get_or_create(name="Support")
    for label, codenames in PERMISSIONS.items():
        _create_permissions(apps, label)
        permissions = Permission.objects.filter(content_type__app_label=label)
        group.permissions.add(*permissions.filter(codename__in=codenames))


def _create_permissions(apps: Any, label: str) -> None:
    """Django creates permissions after all migrations, and this one needs them now."""
    config = apps.get_app_config(label)
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0002_triggers"),
        ("messaging", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(create_group, migrations.RunPython.noop)]
