"""Send the mails about requests that are due."""

from smscenter import mail_queue
from smscenter.support.models import Mail


def send_due(limit: int = 50) -> int:
    """Send up to `limit` due mails. Return the number of attempts."""
    return mail_queue.send_due(Mail.objects.all(), limit)
