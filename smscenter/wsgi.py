"""The WSGI entry point: `gunicorn smscenter.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from smscenter.database.schema import exit_if_outdated
from smscenter.database.timeouts import limit_statements
from smscenter.rendering.preloading import load_templates

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smscenter.settings")

application = get_wsgi_application()

limit_statements()
exit_if_outdated()
load_templates()
