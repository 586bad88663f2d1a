"""Read leads in the order of their owners, and of numbers in custom fields, part by part."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from leads.models import LeadNumber
from search.words.context import SearchContext
from search.words.parts import FIRST, Parts
from search.words.related_rows import FEW
from smscenter.database.replica import reading

# Each step finds the next owner in the index lead_owner_activity, and skips the leads of the last.
OWNERS = """
    WITH RECURSIVE owners (id) AS (
      SELECT (SELECT min(owner_id) FROM leads_lead WHERE organization_id = %s)
      UNION ALL
      SELECT (SELECT min(owner_id) FROM leads_lead
               WHERE organization_id = %s AND owner_id > owners.id)
        FROM owners WHERE id IS NOT NULL
    )
    SELECT id FROM owners WHERE id IS NOT NULL
"""
# So many owners in the first parts, and so many leads with a number.
OWNERS_IN_PART = (1, 3)
NUMBERS_IN_PART = 200


def by_owner(context: SearchContext) -> Parts:
    return partial(_by_owner, context)


def by_number(key: str, context: SearchContext) -> Parts:
    """Return the parts by the number in the custom field of this key."""
    return partial(_by_number, key, context)


def _by_owner(context: SearchContext, start: Any, *, descending: bool) -> Iterator[Q]:
    with reading.connection().cursor() as cursor:
        cursor.execute(OWNERS, [context.organization_id] * 2)
        owners = [pk for (pk,) in cursor.fetchall()]
    # Not only members: someone who left may own leads.
    users = get_user_model()._base_manager.filter(pk__in=owners).order_by("username")
    found = list((users.reverse() if descending else users).values_list("pk", "username"))
    names = [name for _, name in found]
    at = 0 if start is FIRST else names.index(start) if start in names else len(names)
    for number in OWNERS_IN_PART:
        if part := found[at : at + number]:
            yield Q(owner__in=[pk for pk, _ in part])
        at += number


def _by_number(key: str, context: SearchContext, start: Any, *, descending: bool) -> Iterator[Q]:
    beyond, until = ("lte", "gte") if descending else ("gte", "lte")
    numbers = LeadNumber.objects.filter(organization_id=context.organization, key=key)
    if start is not FIRST:
        numbers = numbers.filter(**{f"value__{beyond}": start})
    in_order = numbers.order_by("-value" if descending else "value")
    for last in in_order.values_list("value", flat=True)[NUMBERS_IN_PART : NUMBERS_IN_PART + 1]:
        part = numbers.filter(**{f"value__{until}": last}).values_list("lead", flat=True)
        # Many leads may have the same number.
        if len(leads := list(part[: FEW + 1])) <= FEW:
            yield Q(pk__in=leads)
