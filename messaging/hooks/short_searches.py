"""Answer searches about a lead's texts from the lead's own columns."""

from django.db.models import F, Q

from search.language.tree import Comparison, Expression

TEXTED = Q(sms_count__gt=0)
MANY = Q(has_many_sms=True)
FAILED = Q(failed_sms_count__gt=0)
RECEIVED = Q(received_sms_count__gt=0)
SENT = Q(sms_count__gt=F("received_sms_count"))
SHORTCUTS = {
    ("status", "error"): FAILED,
    ("status", "sent"): Q(sent_sms_count__gt=0),
    ("status", "inbox"): RECEIVED,
    ("direction", "incoming"): RECEIVED,
    ("direction", "inbound"): RECEIVED,
    ("direction", "outgoing"): SENT,
    ("direction", "outbound"): SENT,
    ("direction", "out"): SENT,
}


def from_rollups(where: Expression | None, q: Q) -> Q | None:
    """Use the lead's columns for `sms()`, `sms(status:error)`, and `sms(created >= yesterday)`."""
    if where is None:
        return TEXTED
    if not isinstance(where, Comparison):
        return None
    match q.children:
        # Some text is that new if the newest one is. An age ends now, and no text is newer.
        case [("created__gt" | "created__gte" as lookup, since), *now] if not q.negated:
            if not now or where.operator in {"<", "<="}:
                return Q((lookup.replace("created", "last_sms_at"), since))
    key = (where.name.text.lower(), where.value.text.lower())
    return SHORTCUTS.get(key) if where.operator in {":", "="} else None


def with_texts(conditions: list[Q]) -> list[Q]:
    """Leave out leads without texts from `not sms(created >= yesterday)` if `has:sms` does too.

    Then it's a range of the index of the newest texts, instead of nearly all leads.
    """
    return [_older(q) for q in conditions] if TEXTED in conditions else conditions


def _older(q: Q) -> Q:
    match q.children:
        case [("last_sms_at__gt", since)] if q.negated:
            return Q(last_sms_at__lte=since)
        case [("last_sms_at__gte", since)] if q.negated:
            return Q(last_sms_at__lt=since)
    return q
