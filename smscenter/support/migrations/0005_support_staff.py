from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.models import Min, OuterRef, Q, Subquery

# What the support staff of the installation may do. An administrator may change it afterwards.
WORKS_ON = ("request", "whitelisting")
READS = ("requestevent", "requestmessage", "evidence", "feedback", "mail")


def remember_when_it_came(apps: Any, _schema_editor: Any) -> None:
    """When each request was first submitted, from its history."""
    Request, RequestEvent = (apps.get_model("support", n) for n in ("Request", "RequestEvent"))
    events = RequestEvent.objects.filter(request=OuterRef("pk"), new="submitted").order_by()
    first = events.values("request").annotate(first=Min("created")).values("first")
    Request.objects.update(submitted=Subquery(first))


def make_group(apps: Any, _schema_editor: Any) -> None:
    # Django makes permissions after all migrations, and this one needs them now.
    config = apps.get_app_config("support")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    Group, Permission = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    group, _ = Group.objects.get_or_create(name="Support")
    changes = Q(codename__in=[f"change_{name}" for name in WORKS_ON])
    views = Q(codename__in=[f"view_{name}" for name in (*WORKS_ON, *READS)])
    group.permissions.add(
        *Permission.objects.filter(changes | views, content_type__app_label="support")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0004_review_and_mail"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(remember_when_it_came, migrations.RunPython.noop),
        migrations.RunPython(make_group, migrations.RunPython.noop),
    ]
