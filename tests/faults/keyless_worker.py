"""Run `manage.py worker` in an installation that also uses the carrier in keyless.py."""

import django
from django.conf import settings
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    from messaging import carriers

    carriers.REGISTRY["keyless"] = "tests.faults.keyless.Keyless"
    settings.CARRIERS = ["sandbox", "keyless"]
    call_command("worker")
