"""Leads that may be the same as another one, by phone number, email address, or name.

Each is found by an index, so it's fast enough while someone types.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from django.db.models.functions import Lower

from leads.models import ContactEmail, ContactPhone, Lead
from leads.phones import Phone, PhoneNumberError, parse
from search import QueryError, run
from search.language.tree import quoted
from search.limits import time_limit
from smscenter.accounts.models import User

MOST = 5
MOST_READ = 50
SHORTEST_NAME = 3


@dataclass(frozen=True)
class Duplicate:
    """A lead, and what it has in common. A similar name alone is only a hint."""

    lead: Lead
    why: str
    is_likely: bool = True


def find(user: User, *, name: str = "", phone: str = "", email: str = "") -> list[Duplicate]:
    """Return the leads that this user can see and that may be the same, each once."""
    found: dict[int, Duplicate] = {}
    for each in _all(user, name, phone, email):
        found.setdefault(each.lead.pk, each)
    return list(found.values())[:MOST]


def of(lead: Lead, user: User) -> list[Duplicate]:
    """Return the other leads that may be the same as this one."""
    phones = ContactPhone.objects.visible_to(user).filter(contact__lead=lead)
    emails = ContactEmail.objects.visible_to(user).filter(contact__lead=lead)
    found = [
        *(each for row in phones[:MOST] for each in _by_phone(user, row.number)),
        *(each for row in emails[:MOST] for each in _by_email(user, row.email)),
        *_by_name(user, lead.name),
    ]
    others = {each.lead.pk: each for each in reversed(found) if each.lead != lead}
    return list(others.values())[::-1][:MOST]


def _all(user: User, name: str, phone: str, email: str) -> Iterator[Duplicate]:
    with suppress(PhoneNumberError):  # not complete yet, or none
        yield from _by_phone(user, parse(phone))
    yield from _by_email(user, email.strip())
    yield from _by_name(user, name)


def _by_phone(user: User, phone: Phone) -> Iterator[Duplicate]:
    rows = ContactPhone.objects.visible_to(user).filter(phone=phone.e164)
    why = f"same phone number, {Phone(phone.e164).formatted}"
    yield from _leads(user, rows.values_list("contact__lead", flat=True)[:MOST], why)


def _by_email(user: User, email: str) -> Iterator[Duplicate]:
    if "@" not in email:
        return
    rows = ContactEmail.objects.visible_to(user).alias(lower=Lower("email"))
    rows = rows.filter(lower=email.lower())
    found = rows.values_list("contact__lead", flat=True)[:MOST]
    yield from _leads(user, found, f"same email, {email}")


def _by_name(user: User, name: str) -> Iterator[Duplicate]:
    words = " ".join(name.split())
    if len(words) < SHORTEST_NAME:
        return
    leads = Lead.objects.visible_to(user).select_related("status", "owner")
    found = list(leads.filter(name=words).order_by("name", "pk")[:MOST])
    with suppress(QueryError), time_limit("similar"):
        # Sorted here: for the order of an index, PostgreSQL may read all leads in that order.
        rows = run("lead", f"name:{quoted(words)}", user).rows.select_related("status", "owner")
        found += sorted(rows[:MOST_READ], key=lambda each: each.last_activity_at, reverse=True)
    for lead in sorted(found, key=lambda each: not _is_same(each.name, words)):
        is_same = _is_same(lead.name, words)
        yield Duplicate(lead, "same name" if is_same else "similar name", is_likely=is_same)


def _is_same(name: str, other: str) -> bool:
    return " ".join(name.split()).casefold() == other.casefold()


def _leads(user: User, ids: Iterable[int], why: str) -> Iterator[Duplicate]:
    own = Lead.objects.filter(organization=user.organization_id)
    leads = own.filter(pk__in=list(ids)).select_related("status", "owner")
    yield from (Duplicate(lead, why) for lead in leads.order_by("pk"))
