"""What a page says, whatever the line breaks of its template."""

from typing import Any


def html_of(response: Any) -> str:
    """Return the response's HTML with each run of whitespace collapsed to one space."""
    return " ".join(response.content.decode().split())
