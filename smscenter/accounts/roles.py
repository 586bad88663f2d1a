"""What members may do in their organization, by role.

Each app registers its permissions in its `hooks` module. Views and templates ask for them as for
Django's own: `permission_required`, `user.has_perm`, and `perms`.
"""

from dataclasses import dataclass

from smscenter.accounts.models import User
from smscenter.registry import Registry

# Managers change the settings that everyone in the organization shares.
MANAGE_ORGANIZATION = "accounts.manage_organization"
DELETE_ORGANIZATION = "accounts.delete_organization"

# From least to most: a role may do everything that the roles before it may.
RANKS = (User.Role.READ_ONLY, User.Role.REP, User.Role.MANAGER, User.Role.OWNER)


@dataclass(frozen=True)
class RolePermission:
    """Something that members with the role `least`, and those above it, may do.

    `name` is an app label and a code name, like "leads.import_leads". `sentence` completes
    "Can …" on the settings page.
    """

    name: str
    sentence: str
    least: User.Role


role_permissions: Registry[RolePermission] = Registry(key=lambda permission: permission.name)


def role_may(user: User, name: str) -> bool:
    """Return whether the user's role in the organization includes a permission."""
    permission = role_permissions.by_key.get(name)
    if permission is None or user.organization_id is None or not user.is_active:
        return False
    return RANKS.index(User.Role(user.role)) >= RANKS.index(permission.least)
