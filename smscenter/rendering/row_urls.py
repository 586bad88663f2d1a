"""URLs of pages about one row. A list has a hundred, and `reverse` takes twenty times as long."""

from functools import cache

from django.urls import reverse

# Its digits are in no URL.
ROW = 8_040_201_973


def row_url(page: str, pk: int) -> str:
    """Return the URL of a page whose only parameter is a row's ID."""
    before, after = _around(page)
    return f"{before}{pk}{after}"


@cache
def _around(page: str) -> tuple[str, str]:
    before, _, after = reverse(page, args=[ROW]).partition(str(ROW))
    return before, after
