"""Serve static files from memory to the browser, which keeps them.

Django's handler looks for each of them on the disk, for every page. And browsers keep files without
an expiry date only if they're old, which those of a new checkout aren't.
"""

import mimetypes
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.staticfiles import finders

FOLDER, AXE, EMPTY = "/static/", "axe.js", "empty.html"


@cache
def content_of(name: str) -> bytes | None:
    """Return the content of a file, or None if there is none with this name."""
    if name == AXE:
        return str(AXE_SCRIPT).encode()
    if name == EMPTY:
        return b"<!doctype html>"
    path = finders.find(name)
    return Path(path).read_bytes() if path else None


class StaticFiles:
    """Serve static files, and let the application respond to other requests."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        name = path.removeprefix(FOLDER)
        content = content_of(name) if path.startswith(FOLDER) else None
        if content is None:
            return self.application(environ, start_response)
        headers = {
            "Content-Type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "Content-Length": str(len(content)),
            "Cache-Control": "max-age=86400",
            "Cross-Origin-Opener-Policy": "same-origin",  # as pages, or they couldn't open EMPTY
        }
        start_response("200 OK", [*headers.items()])
        return [content]
