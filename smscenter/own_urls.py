"""Where to go back to: URLs that a browser sends, if they're pages of ours."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def own_url(request: HttpRequest, url: str, otherwise: str) -> str:
    """Return this URL if it's one of ours, and that of another page or view if not.

    `redirect` takes a word for the name of a view, and fails if there's none. So only a path or a
    whole URL is one of ours.
    """
    is_url = url.startswith(("/", "http"))
    hosts = {request.get_host()}
    own = is_url and url_has_allowed_host_and_scheme(url, hosts, require_https=request.is_secure())
    return url if own else resolve_url(otherwise)
