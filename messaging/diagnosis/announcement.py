"""What screen readers say when a text on an open page changes."""

from messaging.models import SmsMessage
from smscenter import moments


def announce(message: SmsMessage) -> str:
    if message.is_incoming:
        return f"New text: {message.summary}"
    if message.failed:
        return f"Text failed: {message.why.label}.{_retry(message)}"
    if message.retry:
        return f"Text not sent yet: {message.why.label}.{_retry(message)}"
    return f"Text: {message.get_status_display()}."


def _retry(message: SmsMessage) -> str:
    retry = message.retry
    return f" Retrying automatically {moments.upcoming(retry.due)}." if retry else ""
