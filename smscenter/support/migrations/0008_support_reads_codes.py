from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations


def let_support_correct_codes(apps: Any, _schema_editor: Any) -> None:
    """Who talks to carriers knows first what their codes mean."""
    # Django makes permissions after all migrations, and this one needs them now.
    config = apps.get_app_config("messaging")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    Group, Permission = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    codes = ["view_carriercode", "change_carriercode"]
    permissions = Permission.objects.filter(codename__in=codes, content_type__app_label="messaging")
    # An administrator may have renamed it, and given it what it needs.
    for group in Group.objects.filter(name="Support"):
        group.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0007_expiries"),
        ("messaging", "0007_how_numbers_fare"),
    ]

    operations = [migrations.RunPython(let_support_correct_codes, migrations.RunPython.noop)]
