"""The WSGI entry point: `gunicorn smscenter.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smscenter.settings")

application = get_wsgi_application()
