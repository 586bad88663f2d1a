"""What a new organization begins with."""

from leads.models import LeadStatus
from smscenter.accounts.models import Organization

Color = LeadStatus.Color
STATUSES = {
    "New": Color.GRAY,
    "Contacted": Color.BLUE,
    "Qualified": Color.PURPLE,
    "Customer": Color.GREEN,
    "Not interested": Color.PINK,
}


def add_statuses(organization: Organization) -> None:
    LeadStatus.objects.bulk_create(
        LeadStatus(organization=organization, label=label, position=position, color=color)
        for position, (label, color) in enumerate(STATUSES.items())
    )
