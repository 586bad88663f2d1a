"""What a new organization begins with, and what it does first."""

from leads.beginning import add_statuses
from leads.models import Lead
from smscenter.accounts.models import Organization
from smscenter.accounts.organizations.beginning import when_created
from smscenter.accounts.pages.first_steps import Action, FirstStep, first_steps


def has_leads(organization: Organization) -> bool:
    return Lead.objects.visible_in(organization.pk).exists()


when_created.register(add_statuses)
first_steps.register(
    FirstStep(
        "leads",
        "Add your leads",
        "Import a file, or start with one lead.",
        place=20,
        is_done=has_leads,
        actions=lambda _user: [
            Action("Import leads", "lead_import_list"),
            Action("Add a lead", "lead_new"),
        ],
    )
)
