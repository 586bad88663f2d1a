"""Delete old sign-in data."""

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone

from smscenter import retention
from smscenter.accounts.models import AccountMail
from smscenter.mail_queue import State


def delete_old_sign_ins() -> None:
    """Delete expired sessions and the old rows of django-axes."""
    retention.delete(Session.objects.filter(expire_date__lt=timezone.now()).order_by("expire_date"))
    # They count for 15 minutes. Keep them a day, in case someone asks why they were locked out.
    attempts = AccessAttempt.objects.filter(attempt_time__lt=retention.older_than(1))
    retention.delete(attempts.order_by("attempt_time"))
    # They have links, so they're kept only while someone could ask about them.
    mails = AccountMail.objects.filter(state__in=[State.SENT, State.FAILED])
    retention.delete(mails.filter(created__lt=retention.older_than(1)).order_by("pk"))
    known = Session.objects.filter(session_key=OuterRef("session_key"))
    ended = UserSession.objects.filter(~Exists(known))
    retention.delete(ended.order_by("pk"))
    if before := retention.older_than(settings.KEEP_SIGN_INS_DAYS):
        for model in (AccessLog, AccessFailureLog):
            old = model.objects.filter(attempt_time__lt=before)
            retention.delete(old.order_by("attempt_time"))
