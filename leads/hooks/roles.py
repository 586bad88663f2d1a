"""What members may do with leads by their role."""

from leads.permissions import ERASE_PEOPLE, MANAGE_FIELDS
from smscenter.accounts.models import User
from smscenter.accounts.roles import RolePermission, role_permissions

for permission in (
    RolePermission("leads.import_leads", "import leads and opt-outs from files", User.Role.MANAGER),
    RolePermission("leads.change_leads", "add, change, merge, and delete leads", User.Role.REP),
    RolePermission("leads.export_leads", "export lists as CSV files", User.Role.REP),
    RolePermission(
        "leads.change_others_notes", "change and delete other people's notes", User.Role.MANAGER
    ),
    RolePermission(
        "leads.undo_others_changes", "undo other people's changes to leads", User.Role.MANAGER
    ),
    RolePermission(ERASE_PEOPLE, "erase a person's data on request", User.Role.MANAGER),
    RolePermission(MANAGE_FIELDS, "change lead statuses and custom fields", User.Role.MANAGER),
):
    role_permissions.register(permission)
