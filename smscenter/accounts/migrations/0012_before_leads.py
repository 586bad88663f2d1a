from django.db import migrations


class Migration(migrations.Migration):
    """Migrate these apps before leads and texts, which they know nothing of.

    Django renders all models that are related to a changed one, and most are to a user. With
    those of leads and texts, that would take a tenth of the time from an empty database.
    """

    dependencies = [
        ("accounts", "0011_organization_deletion"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("notifications", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]
