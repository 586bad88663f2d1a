"""The pages of messaging in the navigation, the command palette, and the settings."""

from messaging.deliverability.alerts import CHANGES_ALERTS, notices
from messaging.incoming.inbox import listing
from smscenter.accounts.pages.destinations import Destination, destinations
from smscenter.accounts.pages.settings_pages import SettingsPage, settings_pages
from smscenter.accounts.roles import MANAGE_ORGANIZATION

destinations.register(
    Destination("thread_list", "Inbox", "inbox", key="i", place=20, badge=listing.unread_count)
)
destinations.register(
    Destination("message_list", "Messages", "chat-bubble-left-right", key="m", place=40)
)
settings_pages.register(
    SettingsPage(
        "texting_settings",
        "Texting rules",
        "Countries, quiet hours, and automatic replies.",
        "chat-bubble-bottom-center-text",
        place=30,
        permission=MANAGE_ORGANIZATION,
    )
)
settings_pages.register(
    SettingsPage(
        "sender_list", "Sender numbers", "Registration, owners, and failed texts.", "phone", 40
    )
)
settings_pages.register(
    SettingsPage("template_list", "Templates", "Texts you send often.", "document-text", place=60)
)
settings_pages.register(
    SettingsPage(
        "alert_settings",
        "Alerts",
        "When too many texts fail or wait.",
        "bell-alert",
        place=70,
        permission=CHANGES_ALERTS,
    )
)
destinations.register(
    Destination(
        "deliverability", "Deliverability", "chart-bar", key="d", place=45, is_for=notices.is_for
    )
)
destinations.register(Destination("sender_list", "Sender numbers", "phone", key="s"))
destinations.register(Destination("template_list", "Templates", "document-text"))
destinations.register(Destination("unconfirmed_list", "Unconfirmed texts", "question-mark-circle"))
destinations.register(Destination("opt_out_list", "Opt-outs", "no-symbol"))
destinations.register(Destination("bulk_list", "Bulk sends", "paper-airplane"))
