"""The pages of leads in the navigation, the command palette, and the settings."""

from leads.permissions import ERASE_PEOPLE, MANAGE_FIELDS
from smscenter.accounts.pages.destinations import Destination, destinations, is_writing_member
from smscenter.accounts.pages.settings_pages import SettingsPage, settings_pages

destinations.register(Destination("lead_list", "Leads", "users", key="l", place=30))
destinations.register(Destination("lead_new", "New lead", "plus", is_for=is_writing_member))
destinations.register(
    Destination(
        "lead_import_list",
        "Import leads",
        "arrow-up-tray",
        is_for=lambda user: user.has_perm("leads.import_leads"),
    )
)
destinations.register(Destination("lead_deleted", "Recently deleted", "trash"))
destinations.register(Destination("saved_view_list", "Saved views", "funnel", key="v"))

for page, label, description, icon in (
    ("status_list", "Lead statuses", "What stages a lead goes through.", "tag"),
    ("field_list", "Custom fields", "What you know about every lead.", "rectangle-stack"),
):
    settings_pages.register(
        SettingsPage(page, label, description, icon, place=50, permission=MANAGE_FIELDS)
    )
settings_pages.register(
    SettingsPage("saved_view_list", "Saved views", "Your searches, and shared ones.", "funnel", 70)
)
settings_pages.register(
    SettingsPage(
        "erasure_list",
        "Erasures",
        "Personal data that was erased on request.",
        "shield-exclamation",
        place=95,
        permission=ERASE_PEOPLE,
    )
)
