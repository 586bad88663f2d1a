"""Register what accounts adds to the worker and the navigation."""

from smscenter.accounts import owned_lookups  # noqa: F401 - lookups of every foreign key
from smscenter.accounts.mails import send_due
from smscenter.accounts.models import User
from smscenter.accounts.organizations.deletion import delete_due, remind_owners
from smscenter.accounts.organizations.rows import RowDeleter, delete_members, row_deleters
from smscenter.accounts.pages import overview
from smscenter.accounts.pages.destinations import (
    Destination,
    destinations,
    is_anyone,
    is_member,
    is_staff,
)
from smscenter.accounts.pages.first_steps import Action, FirstStep, first_steps, has_colleagues
from smscenter.accounts.pages.overview import Panel
from smscenter.accounts.pages.settings_pages import SettingsPage, settings_pages
from smscenter.accounts.roles import (
    DELETE_ORGANIZATION,
    MANAGE_ORGANIZATION,
    RolePermission,
    role_permissions,
)
from smscenter.accounts.signing_in.retention import delete_old_sign_ins
from smscenter.jobs import Job, jobs
from smscenter.retention import EVERY

jobs.register(Job(delete_old_sign_ins, every=EVERY))
jobs.register(Job(send_due, every=1))
jobs.register(Job(remind_owners, every=EVERY))
jobs.register(Job(delete_due, every=10, is_slow=True))
row_deleters.register(RowDeleter(User, delete_members))

for permission in (
    RolePermission("accounts.view_members", "see who belongs to the organization", User.Role.REP),
    RolePermission("accounts.invite_members", "invite people", User.Role.MANAGER),
    RolePermission(
        "accounts.change_members",
        "change roles, deactivate and remove members, and require two-step verification",
        User.Role.OWNER,
    ),
    RolePermission(DELETE_ORGANIZATION, "delete the organization", User.Role.OWNER),
    RolePermission(
        MANAGE_ORGANIZATION,
        "change the organization's name, time zone, and texting rules",
        User.Role.MANAGER,
    ),
):
    role_permissions.register(permission)

settings_pages.register(
    SettingsPage(
        "member_list",
        "Members",
        "Who belongs to your organization, and what they can do.",
        "user-group",
        place=10,
        permission="accounts.view_members",
    )
)
settings_pages.register(
    SettingsPage(
        "roles",
        "Roles",
        "What each role can do.",
        "key",
        place=15,
    )
)

destinations.register(Destination("home", "Home", "home", key="h", place=10, is_for=is_member))
destinations.register(
    Destination("admin:index", "Admin", "building-office", place=80, is_for=is_staff)
)
destinations.register(Destination("profile", "Profile", "user-circle", key="p", is_for=is_anyone))
destinations.register(Destination("settings", "Settings", "cog-6-tooth", key="t", place=75))
destinations.register(
    Destination("shortcuts", "Keyboard shortcuts", "command-line", is_for=is_anyone)
)

settings_pages.register(
    SettingsPage(
        "organization_settings",
        "Organization",
        "Name and time zone.",
        "building-office",
        place=10,
        permission=MANAGE_ORGANIZATION,
    )
)
first_steps.register(
    FirstStep(
        "invite",
        "Invite your team",
        "Everyone sees the same leads and texts.",
        place=40,
        is_done=has_colleagues,
        actions=lambda _user: [Action("Invite people", "member_invite")],
    )
)
for panel in (
    Panel(
        "facts",
        "Settings",
        ("Setting", "Value"),
        overview.facts,
        permission="accounts.view_organization",
        place=5,
    ),
    Panel(
        "members",
        "Members",
        ("Name", "Role", "Last sign-in", "Two-step"),
        overview.members,
        permission="accounts.view_user",
        place=10,
        page="admin:accounts_user_changelist",
    ),
    Panel(
        "invitations",
        "Pending invitations",
        ("Email", "Role", "Link"),
        overview.invitations,
        permission="accounts.view_invitation",
        place=20,
        page="admin:accounts_invitation_changelist",
    ),
):
    overview.panels.register(panel)
