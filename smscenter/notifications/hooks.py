"""Register what notifications add to the navigation, the lead page, and the worker."""

from smscenter.accounts.pages.destinations import Destination, destinations, is_anyone
from smscenter.accounts.pages.settings_pages import SettingsPage, settings_pages
from smscenter.jobs import Job, jobs
from smscenter.notifications.mails import send_due, write_due
from smscenter.notifications.retention import delete_old_notifications
from smscenter.retention import EVERY

destinations.register(
    Destination("notification_list", "Notifications", "bell", key="n", is_for=is_anyone)
)
destinations.register(
    Destination("notification_settings", "Notification settings", "bell-alert", is_for=is_anyone)
)
jobs.register(Job(write_due, every=1))
jobs.register(Job(send_due, every=1))
jobs.register(Job(delete_old_notifications, every=EVERY))
settings_pages.register(
    SettingsPage(
        "notification_settings",
        "Notifications",
        "What you're notified of, and how.",
        "bell-alert",
        place=80,
    )
)
