from django.contrib import admin

from smscenter.accounts.owned_admin import HistoryAdmin
from smscenter.notifications.models import Notification, NotificationMail, Preference


@admin.register(Notification)
class NotificationAdmin(HistoryAdmin[Notification]):
    """See who was notified of what, and whether they read it."""

    list_display = ["created", "user", "kind", "subject", "place", "read", "mail_due"]
    list_filter = ["kind", "organization"]
    list_select_related = ["user"]
    search_fields = ["user__username", "place"]
    date_hierarchy = "created"


@admin.register(NotificationMail)
class NotificationMailAdmin(HistoryAdmin[NotificationMail]):
    """See the emails about notifications, and whether they were sent."""

    list_display = ["created", "to", "subject", "state", "tries", "sent"]
    list_filter = ["state"]
    search_fields = ["to", "subject"]
    date_hierarchy = "created"


@admin.register(Preference)
class PreferenceAdmin(HistoryAdmin[Preference]):
    """See how people want to be notified."""

    list_display = ["user", "kind", "in_app", "mail", "desktop"]
    list_filter = ["kind", "mail"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
