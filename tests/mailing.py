"""Write the emails about notifications, like the worker does a little later."""

from datetime import timedelta

from django.utils import timezone

from smscenter.notifications import mails
from smscenter.notifications.notify import SEEN_WITHIN


def write_mails(later: timedelta = SEEN_WITHIN) -> None:
    mails.write_due(timezone.now() + later)
