"""Compress pages for the way to the browser.

Static files are compressed when they're collected. Pictures, PDFs, and streamed exports aren't: the
first two have been already, and an export should arrive while it's being written.
"""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressPagesMiddleware(GZipMiddleware):
    """Compress HTML. Django pads it by a random length, so that sizes tell nothing (BREACH)."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page and isinstance(response, HttpResponse):
            return super().process_response(request, response)
        return response
