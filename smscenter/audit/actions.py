"""What people do. Apps register more in their `hooks` modules (docs/extend.md)."""

from dataclasses import dataclass
from operator import attrgetter

from smscenter.registry import Registry


@dataclass(frozen=True)
class Action:
    """Something that people do, searched as `action:name`.

    `sentence` completes "Ada …". It can contain {object}, {note}, and {fields}: those that changed.
    """

    name: str
    label: str
    sentence: str


actions: Registry[Action] = Registry(key=attrgetter("name"))

for name, label, sentence in (
    ("added", "Added", "added {object}"),
    ("changed", "Changed", "changed {fields} of {object}"),
    ("deleted", "Deleted", "deleted {object}"),
    ("restored", "Restored", "restored {object}"),
    ("undone", "Undone", "undid: {object}"),
    ("exported", "Exported", "exported {object}"),
    ("erased", "Erased", "erased {object}"),
    ("organization_deleted", "Organization deleted", "deleted {object}"),
    ("joined", "Joined", "joined {object}"),
    ("signed_in", "Signed in", "signed in"),
    ("signed_out", "Signed out", "signed out"),
    ("sign_in_failed", "Sign-in failed", "tried to sign in as {object}"),
    ("locked_out", "Locked out", "was locked out after trying to sign in as {object}"),
    ("password_changed", "Password changed", "changed the password of {object}"),
    ("password_reset", "Password reset", "reset the password of {object}"),
    ("two_step_changed", "Two-step verification changed", "{note} for {object}"),
    ("admin", "Changed in the admin", "used the admin on {object}: {note}"),
    ("view_as_started", "View as started", "started viewing as {object}: {note}"),
    ("viewed_as", "Viewed as", "opened {note} as {object}"),
    ("view_as_ended", "View as ended", "stopped viewing as {object}"),
):
    actions.register(Action(name, label, sentence))
