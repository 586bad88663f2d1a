"""The ASGI entry point: any ASGI server."""

import os

from django.core.asgi import get_asgi_application

from smscenter.database.schema import exit_if_outdated
from smscenter.database.timeouts import limit_statements
from smscenter.rendering.preloading import load_templates

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smscenter.settings")

application = get_asgi_application()

limit_statements()
exit_if_outdated()
load_templates()
