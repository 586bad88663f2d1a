"""The administrators' page about one organization. Apps add its panels in their hooks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from smscenter import moments
from smscenter.accounts.members.settings_page import members_of
from smscenter.accounts.models import Invitation, Organization, User
from smscenter.registry import Registry

# A panel's rows. The list that it links to has all of them.
MOST_ROWS = 20


@dataclass(frozen=True)
class Row:
    """Cells as people read them. `url` is the page of the first one."""

    cells: Sequence[str]
    url: str = ""


@dataclass(frozen=True)
class Panel:
    """A table about an organization, for administrators who have `permission`.

    `read` takes a fixed number of queries, however much the organization has. `page` is the admin's
    list of all rows.
    """

    name: str
    title: str
    head: Sequence[str]
    read: Callable[[Organization], Iterable[Row]]
    permission: str
    place: int
    page: str = ""

    def url(self, organization: Organization) -> str:
        if not self.page:
            return ""
        return f"{reverse(self.page)}?organization__id__exact={organization.pk}"


panels: Registry[Panel] = Registry(key=lambda panel: panel.name)


@dataclass(frozen=True)
class Shown:
    panel: Panel
    url: str
    rows: Sequence[Row] = field(default_factory=list)


def panels_for(user: User, organization: Organization) -> list[Shown]:
    """Return the panels that this administrator may read, in their order."""
    return [
        Shown(panel, panel.url(organization), list(panel.read(organization)))
        for panel in sorted(panels, key=lambda panel: panel.place)
        if user.has_perm(panel.permission)
    ]


def members(organization: Organization) -> Iterable[Row]:
    for member in members_of(organization)[:MOST_ROWS]:
        yield Row(
            (
                str(member),
                member.get_role_display() if member.is_active else "Deactivated",
                moments.spoken(member.last_login) if member.last_login else "Never",
                "On" if member.has_second_factor else "Off",  # type: ignore[attr-defined]
            ),
            reverse("admin:accounts_user_change", args=[member.pk]),
        )


def invitations(organization: Organization) -> Iterable[Row]:
    rows = Invitation.objects.visible_in(organization.pk).pending().order_by("-sent")
    for row in rows[:MOST_ROWS]:
        state = "Expires" if row.is_open() else "Expired"
        yield Row(
            (row.email, row.get_role_display(), f"{state} {moments.spoken(row.expires)}"),
            reverse("admin:accounts_invitation_change", args=[row.pk]),
        )


def facts(organization: Organization) -> Iterable[Row]:
    yield Row(("Time zone", organization.time_zone))
    required = "Required" if organization.requires_second_factor else "Each member decides"
    yield Row(("Two-step verification", required))
    yield Row(("Support can view as members", "Yes" if organization.support_can_view_as else "No"))
