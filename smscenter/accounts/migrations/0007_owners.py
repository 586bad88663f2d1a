from django.db import migrations


def make_owners(apps, schema_editor):
    """Make the manager who has been there longest the owner of each organization without one.

    One without managers gets its owner from an administrator.
    """
    User = apps.get_model("accounts", "User")
    managers = User.objects.filter(role="manager", is_active=True, organization__isnull=False)
    owned = set(User.objects.filter(role="owner", is_active=True).values_list("organization", flat=True))
    for pk, organization in managers.order_by("date_joined", "pk").values_list("pk", "organization"):
        if organization not in owned:
            owned.add(organization)
            User.objects.filter(pk=pk).update(role="owner")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_sign_in'),
    ]

    operations = [
        migrations.RunPython(make_owners, migrations.RunPython.noop),
    ]
