"""The ASGI entry point: any ASGI server."""

import os

from django.core.asgi import get_asgi_application

from smscenter.preloading import load_templates
from smscenter.schema import exit_if_outdated
from smscenter.timeouts import limit_statements

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smscenter.settings")

application = get_asgi_application()

limit_statements()
exit_if_outdated()
load_templates()
