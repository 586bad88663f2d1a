"""Checks of an item: whether it can be sent, and if not, why, in the words of the composer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import structlog

from leads.phones import Phone
from messaging.composing import preflight, quiet_hours
from messaging.composing.verdicts import Level, Verdict
from messaging.models import BulkItem, Recipient
from messaging.models.bulk import LeftOut
from messaging.models.reason import Reason
from smscenter.accounts.models import Organization

log = structlog.get_logger(__name__)

PROBLEM = "This couldn't be checked. Open it to see what's wrong."
# Warnings that aren't about one text. The page of a bulk send shows them once.
ABOUT_ALL = {"registration", "unregistered_sender", "daily_cap"}
ABOUT_TEMPLATE = {"many_segments", "costly_characters", "spam_mark"}


def leave_out(item: BulkItem, reason: str, sentence: str) -> None:
    """Leave an item out. `reason` is a `LeftOut` or a `Reason`."""
    item.state, item.reason, item.notes = BulkItem.State.LEFT_OUT, reason, [sentence]
    item.once, item.due = None, None


@contextmanager
def leaving_out_broken(item: BulkItem) -> Iterator[None]:
    """Leave an item out if it can't be checked: one must not stop the other ten thousand."""
    try:
        yield
    except Exception:
        log.exception("bulk_item_failed", bulk=item.bulk_id, position=item.position)
        leave_out(item, LeftOut.PROBLEM, PROBLEM)


def check(
    item: BulkItem, organization: Organization, known: Mapping[str, Recipient], at: datetime
) -> None:
    """Leave an item out if preflight refuses it. Otherwise, note warnings and when it's due.

    Quiet hours hold an item whatever the organization's rule for other texts
    is: nobody looks at each of thousands of texts.
    """
    verdicts = preflight.check(
        organization=organization,
        sender=item.sender,
        to=item.phone,
        text=item.text,
        known=known,
        picture=item.message.picture if item.message else None,
    )
    verdicts = [verdict for verdict in verdicts if verdict.reason != Reason.QUIET_HOURS]
    if refusals := preflight.refusals(verdicts):
        leave_out(item, refusals[0].reason or LeftOut.PROBLEM, refusals[0].message)
        return
    opening = quiet_hours.first_allowed(Phone(item.phone), at)
    item.due = opening if opening > at else None
    item.notes = _warnings(verdicts, ABOUT_ALL if item.message_id else ABOUT_ALL | ABOUT_TEMPLATE)


def _warnings(verdicts: list[Verdict], without: set[str]) -> list[str]:
    shown = [verdict for verdict in verdicts if verdict.level == Level.WARNING]
    return [verdict.message for verdict in shown if verdict.code not in without]
