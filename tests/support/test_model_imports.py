import json
import os
import subprocess
import sys

from django.conf import settings

# Django loads all models, then calls `ready` of this app first.
PROBE = """
import json, os, sys
from django.apps import AppConfig, apps
from django.conf import settings

class Probe(AppConfig):
    name = "wsgiref"
    path = "."

    def ready(self):
        print(json.dumps(sorted(sys.modules)))
        sys.stdout.flush()
        os._exit(0)

sys.modules["probe"] = sys.modules["__main__"]
apps.populate(["probe.Probe", *settings.INSTALLED_APPS])
"""
# Upload parsers and PDF writers.
HEAVY = {"PIL", "pikepdf", "fpdf", "fontTools", "markdown_it"}


def test_importing_models_imports_only_models() -> None:
    loaded = set(
        json.loads(
            subprocess.check_output(
                [sys.executable, "-c", PROBE],
                cwd=settings.BASE_DIR,
                env=os.environ | {"DJANGO_SETTINGS_MODULE": "smscenter.settings"},
                text=True,
            )
        )
    )
    room = "smscenter.support"
    own = {name for name in loaded if name.startswith(f"{room}.")}
    assert f"{room}.models.support_request" in own
    assert own <= {f"{room}.apps", f"{room}.models", f"{room}.settings"} | {
        name for name in own if name.startswith(f"{room}.models.")
    }
    assert not loaded & HEAVY
