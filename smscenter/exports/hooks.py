"""Register the settings page, the worker's job, and the tables of accounts."""

from collections.abc import Mapping, Sequence

from search.models import SavedView
from smscenter.accounts.models import Invitation, Organization, User
from smscenter.accounts.pages.overview import panels
from smscenter.accounts.pages.settings_pages import SettingsPage, settings_pages
from smscenter.accounts.roles import RolePermission, role_may, role_permissions
from smscenter.audit.models import AuditRecord
from smscenter.exports.building import READY, delete_old, work
from smscenter.exports.models import Archive
from smscenter.exports.overview import PANEL
from smscenter.exports.permissions import EXPORT_EVERYTHING
from smscenter.exports.tables import Table, tables
from smscenter.jobs import Job, jobs
from smscenter.notifications.kinds import Description, Kind, MailChoice, kinds
from smscenter.notifications.models import Notification
from smscenter.retention import EVERY

MEMBER = ("id", "username", "first_name", "last_name", "email", "role", "time_zone", "is_active")

tables.register(
    Table("organization", Organization, rows=lambda own: Organization.objects.filter(pk=own.pk))
)
tables.register(
    Table("members", User, MEMBER, rows=lambda own: User.objects.filter(organization=own))
)
tables.register(
    Table(
        "saved_views",
        SavedView,
        rows=lambda own: SavedView.objects.filter(organization=own, shared=True),
    )
)


INVITED = ("id", "email", "role", "invited_by_id", "created", "sent", "accepted", "withdrawn")
tables.register(Table("invitations", Invitation, INVITED))
tables.register(
    Table(
        "audit_log",
        AuditRecord,
        rows=lambda own: AuditRecord.objects.filter(organization=own),
    )
)


def describe(rows: Sequence[Notification]) -> Mapping[int, Description]:
    found = Archive.objects.in_bulk({row.subject for row in rows})
    return {
        row.pk: Description(
            "Your export is ready. You can download it for 7 days.", found[row.subject].link
        )
        for row in rows
        if row.subject in found
    }


def may_export(user: User) -> bool:
    # Without a query: every page asks which notifications concern its reader.
    return role_may(user, EXPORT_EVERYTHING)


kinds.register(
    Kind(
        READY,
        "Your exports",
        "archive-box-arrow-down",
        describe,
        too_many="More than 100 exports in an hour",
        all_page="data_settings",
        mail=MailChoice.EACH,
        is_for=may_export,
    )
)
role_permissions.register(
    RolePermission(EXPORT_EVERYTHING, "export all data", least=User.Role.OWNER)
)
settings_pages.register(
    SettingsPage(
        "data_settings",
        "Data",
        "Export everything.",
        "archive-box-arrow-down",
        place=90,
        permission=EXPORT_EVERYTHING,
    )
)
panels.register(PANEL)
jobs.register(Job(work, every=1, is_slow=True))
jobs.register(Job(delete_old, every=EVERY))
