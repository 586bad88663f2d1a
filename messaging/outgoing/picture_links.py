"""Addresses at which a carrier fetches the picture of a text: signed, and valid for a day."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from messaging.models import MediaFile

SALT = "messaging.picture_links"
# Twilio keeps texts in its queue for up to ten hours.
LASTS = timedelta(days=1)


def link(media_file_id: int) -> str:
    token = signing.dumps(media_file_id, salt=SALT)
    return settings.PUBLIC_URL + reverse("carrier_picture", args=[token])


def picture_of(token: str) -> MediaFile | None:
    """Return the picture of a link, or None if it's invalid, old, or of a deleted text."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return MediaFile.objects.filter(pk=pk).exclude(message=None).first()
