"""Write the audit log: `record("exported", name="leads", note="12 rows")`.

Call it in the transaction of what it records, so that both are stored or neither. Never pass
passwords, tokens, credentials, or the text of messages and notes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from search.words.descriptions import join_words
from smscenter import moments
from smscenter.accounts.models import Organization, User
from smscenter.audit.actions import actions
from smscenter.audit.context import acting_user, has_request, origin
from smscenter.audit.models import AuditRecord, Change
from smscenter.audit.objects import HIDDEN, describe
from smscenter.request_id import current_request_id

LONGEST_VALUE, LONGEST_IN_SENTENCE = 500, 60
# Who acts in the background, and who isn't signed in.
SYSTEM, SOMEONE = "SMS Center", "Someone"


def record(  # noqa: PLR0913 - who, what, and both values
    action: str,
    row: Model | None = None,
    *,
    name: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
    by: User | None = None,
    organization: int | None = None,
) -> AuditRecord:
    """Record what someone did, to a row or to what `name` says.

    `before` and `after` are values by label; only those that differ are stored. Without `by`, it's
    the signed-in user.
    """
    actor = by or acting_user()
    about = describe(row) if row is not None else None
    actor_name = str(actor) if actor else SOMEONE if has_request() else SYSTEM
    changes = changes_of(before or {}, after or {})
    phrase = name or (about.phrase if about else "")
    sentence = _sentence(actions.by_key[action].sentence, phrase, note, changes)
    if organization is None:
        organization = organization_of(row) or (actor.organization_id if actor else None)
    return AuditRecord.objects.create(
        organization_id=organization,
        actor=actor,
        actor_name=actor_name[:160],
        action=action,
        kind=about.kind if about else "",
        object_id=about.pk if about else None,
        summary=f"{actor_name} {sentence}"[:1_000],
        changes=changes,
        note=note[:1_000],
        request_id=current_request_id(),
        **origin(),
    )


def organization_of(row: Model | None) -> int | None:
    if isinstance(row, Organization):
        return row.pk
    return getattr(row, "organization_id", None)


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return the labels whose values differ, with both."""
    found = []
    for label in dict.fromkeys([*before, *after]):
        old, new = shown(before.get(label)), shown(after.get(label))
        if old != new:
            found.append(Change(label, old, new))
    return found


def shown(value: Any) -> str:
    """Return a value as people read it."""
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return moments.exact(value)
        case list() | tuple() | set():
            return ", ".join(map(shown, value))[:LONGEST_VALUE]
    return str(value).replace("\0", "")[:LONGEST_VALUE]


def _sentence(template: str, phrase: str, note: str, changes: Sequence[Change]) -> str:
    labels = [each.label for each in changes] or ["nothing"]
    if labels == ["active"] and "{fields}" in template:
        return f"{'deactivated' if changes[0].after == 'No' else 'reactivated'} {phrase}"
    sentence = template.format(object=phrase, note=note, fields=join_words(labels, "and"))
    if note and "{note}" not in template:
        sentence += f": {note}"
    alone = "{fields}" in template and len(changes) == 1 and changes[0].after != HIDDEN
    return sentence + _from_to(changes[0]) if alone else sentence


def _from_to(change: Change) -> str:
    old, new = (
        f"{value[:LONGEST_IN_SENTENCE]}…" if len(value) > LONGEST_IN_SENTENCE else value
        for value in (change.before, change.after)
    )
    if old and new:
        return f" from {old} to {new}"
    return f" to {new}" if new else f", which was {old}"
