"""What members may do with texts by their role."""

from messaging.deliverability.alerts import CHANGES_ALERTS
from messaging.deliverability.filter_form import SEES_ALL
from messaging.models.permissions import MANAGE_SENDERS, SEND_TEXTS
from smscenter.accounts.models import User
from smscenter.accounts.roles import RolePermission, role_permissions

for permission in (
    RolePermission(
        MANAGE_SENDERS, "add, change, and turn off sender numbers", least=User.Role.MANAGER
    ),
    RolePermission(SEND_TEXTS, "send texts, to one lead or many", User.Role.REP),
    RolePermission(
        "messaging.change_shared_templates",
        "change templates that everyone uses",
        User.Role.MANAGER,
    ),
    RolePermission(
        "messaging.stop_others_sends", "pause and stop bulk sends of others", User.Role.MANAGER
    ),
    RolePermission(CHANGES_ALERTS, "choose when there are alerts", User.Role.MANAGER),
    RolePermission(
        SEES_ALL, "see everyone's sent and failed texts, and what they cost", User.Role.MANAGER
    ),
    RolePermission(
        "messaging.end_opt_outs", "end an opt-out, with proof of consent", User.Role.MANAGER
    ),
):
    role_permissions.register(permission)
