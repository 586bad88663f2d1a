"""Pages for when all else fails look like the others, but need nothing that could fail, too."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from pytest_django import Settings


@pytest.mark.once
@pytest.mark.parametrize(
    "template", ["400.html", "500.html", "503.html", "database_down.html", "disk_full.html"]
)
def test_they_need_neither_database_nor_manifest(template: str, settings: Settings) -> None:
    hashed = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": hashed}}
    files = re.findall(r'href="/static/([^"]+)"', render_to_string(template))
    assert files == ["icon.svg", "css/app.css"]
    assert all(finders.find(file) for file in files)
