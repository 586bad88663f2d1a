"""Delete old notifications and emails."""

from django.conf import settings
from django.db.models import Q

from smscenter import retention
from smscenter.mail_queue import State
from smscenter.notifications.models import Notification, NotificationMail


def delete_old_notifications() -> None:
    """Delete old notifications that were read or not shown, and old emails."""
    if before := retention.older_than(settings.KEEP_NOTIFICATIONS_DAYS):
        done = Notification.objects.exclude(Q(read=None) & Q(in_app=True)).filter(mail_due=None)
        retention.delete(done.filter(created__lt=before).order_by("created"))
        mails = NotificationMail.objects.filter(state__in=[State.SENT, State.FAILED])
        retention.delete(mails.filter(created__lt=before).order_by("pk"))
