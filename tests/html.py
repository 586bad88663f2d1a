"""Compare pages regardless of the line breaks in their templates."""

from typing import Any


def html_of(response: Any) -> str:
    """Return the response's HTML with each run of whitespace collapsed to one space."""
    return " ".join(response.content.decode().split())
