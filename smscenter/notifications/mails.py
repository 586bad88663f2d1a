"""Write the emails about notifications that are due: each, or a summary at 8 AM."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from smscenter import mail_queue
from smscenter.accounts.models import User
from smscenter.mail_queue import one_line
from smscenter.notifications.entries import Entry, fold
from smscenter.notifications.kinds import Description, MailChoice, Mailing, kinds
from smscenter.notifications.models import Notification, NotificationMail, Preference

log = structlog.get_logger(__name__)

# In one run, because the same thread sends mail.
MOST_PEOPLE = 50
# For one person. More than one email can list is in the app.
MOST_ROWS = 500
# Emails at once. If there's more to report, it's one email.
MOST_AT_ONCE = 3
# Emails to one person in an hour. What's more comes later, together.
MOST_AN_HOUR = 10
HOUR, LATER = timedelta(hours=1), timedelta(minutes=15)


def send_due(limit: int = 50) -> int:
    """Send up to `limit` due mails. Return the number of attempts."""
    return mail_queue.send_due(NotificationMail.objects.all(), limit)


def write_due(at: datetime | None = None) -> None:
    """Write the emails that are due to each person. What was read meanwhile isn't mailed."""
    now = at or timezone.now()
    due = Notification.objects.filter(mail_due__lte=now).order_by()
    people = list(due.values_list("user", flat=True).distinct()[:MOST_PEOPLE])
    if not people:
        return
    users = User.objects.filter(pk__in=people).select_related("organization").order_by("pk")
    for user in users:
        try:
            _write(user, now)
        except Exception:
            # The others get theirs.
            log.exception("notifications_not_mailed", user=user.pk)
            Notification.objects.filter(user=user, mail_due__lte=now).update(mail_due=now + LATER)


def is_reachable(user: User) -> bool:
    """Return whether a person is active and has a valid email address."""
    try:
        validate_email(user.email)
    except ValidationError:
        return False
    return user.is_active


@transaction.atomic
def _write(user: User, now: datetime) -> None:
    """Write what's due to a person, unless another worker does."""
    due = Notification.objects.filter(user=user, mail_due__lte=now).newest_first()
    rows = list(due.select_for_update(skip_locked=True, of=("self",))[:MOST_ROWS])
    wanted = _wanted(user, rows)
    together = [row for row in wanted if not _is_alone(row)]
    if together and NotificationMail.objects.number_since(user, now - HOUR) >= MOST_AN_HOUR:
        _update(together, mail_due=now + LATER)
        rows = [row for row in rows if row not in together]
        together = []
    _update(rows, mail="", mail_due=None)
    # Those that the app doesn't show are done.
    _update([row for row in rows if not row.in_app], read=now)
    for row in reversed(wanted):
        if _is_alone(row):
            _write_alone(row, user)
    _write_each(user, [row for row in together if row.mail == MailChoice.EACH])
    _write_digest(user, [row for row in together if row.mail == MailChoice.DIGEST])


def _wanted(user: User, rows: Sequence[Notification]) -> list[Notification]:
    """Return those that the person can still see, hasn't read, and still wants by email."""
    if not rows or not is_reachable(user):
        return []
    visible = Notification.objects.visible_to(user).filter(pk__in=[row.pk for row in rows])
    unread = set(visible.filter(read=None).values_list("pk", flat=True))
    chosen = Preference.objects.by_kind(user)
    return [
        row
        for row in rows
        if row.pk in unread and chosen[kinds.by_key[row.kind].settings_name].mail != MailChoice.NONE
    ]


def _is_alone(row: Notification) -> bool:
    return bool(kinds.by_key[row.kind].keep_mail and row.subject and row.mail == MailChoice.EACH)


def _update(rows: Sequence[Notification], **changes: object) -> None:
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(**changes)


def _write_alone(row: Notification, user: User) -> None:
    keep_mail = kinds.by_key[row.kind].keep_mail
    for entry in fold([row]):
        if keep_mail:
            keep_mail(row, _mailing(user, [entry], entry.mail_subject, entry.first.reply_to))


def _write_each(user: User, rows: Sequence[Notification]) -> None:
    entries = fold(rows)
    if len(entries) > MOST_AT_ONCE:
        number = sum(entry.count for entry in entries)
        _keep(user, _mailing(user, entries, f"{number} new notifications"))
        return
    for entry in entries:
        _keep(user, _mailing(user, [entry], entry.mail_subject))


def _write_digest(user: User, rows: Sequence[Notification]) -> None:
    if entries := fold(rows):
        number = sum(entry.count for entry in entries)
        words = "1 notification" if number == 1 else f"{number} notifications"
        _keep(user, _mailing(user, entries, f"Your daily summary: {words}"))


def mailing_about(user: User, description: Description) -> Mailing:
    """Return the words of an email that isn't about a notification."""
    entry = Entry([], [description])
    return _mailing(user, [entry], entry.mail_subject, description.reply_to)


def _mailing(user: User, entries: Sequence[Entry], subject: str, reply_to: str = "") -> Mailing:
    context = {
        "person": user,
        "entries": entries,
        "site": settings.PUBLIC_URL,
        "settings_url": settings.PUBLIC_URL + reverse("notification_settings"),
        "title": one_line(subject),
        "reply_to": reply_to,
    }
    return Mailing(
        user.email,
        one_line(subject),
        render_to_string("notifications/mail/notification.txt", context),
        render_to_string("notifications/mail/notification.html", context),
        reply_to,
    )


def _keep(user: User, mailing: Mailing) -> None:
    NotificationMail.objects.create(
        user=user, to=mailing.to, subject=mailing.subject, text=mailing.text, html=mailing.html
    )
