"""Record who downloads lists."""

from typing import Any

from django.dispatch import receiver

from search.answering.csv_export import downloaded
from search.answering.list_pages import Listing
from smscenter.audit.recording import record


@receiver(downloaded)
def record_download(listing: Listing, **_: Any) -> None:
    record("exported", name=listing.kind.label, note=listing.text)
