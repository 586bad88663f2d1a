"""The command palette: go to any page, find a lead or contact while typing, or act."""

import re
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from leads.models import Lead
from search import QueryError, run
from search.language.tree import quoted
from search.limits import time_limit
from search.words import vocabulary
from smscenter.accounts.models import User
from smscenter.accounts.pages.destinations import destinations_for
from smscenter.database.replica.reading import from_replica

MOST_LEADS = 6
LONGEST = 100  # characters
OPERATORS = {"and", "or", "not"}


@dataclass(frozen=True)
class Found:
    """A lead, or one of its contacts with the phone number that matched, or else the first one."""

    lead: Lead
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Action:
    label: str
    url: str
    icon: str = "magnifying-glass"


@require_GET
@from_replica
def palette(request: HttpRequest) -> HttpResponse:
    """List leads, contacts, actions, and pages that match. “>” in front leaves out the first two.

    Without JavaScript, it's a page with a form.
    """
    text = request.GET.get("q", "").strip()[:LONGEST]
    words = text.removeprefix(">").strip()
    user = cast("User", request.user)
    try:
        found, is_slow = find(user, words) if words == text else [], False
    except QueryError:
        found, is_slow = [], True
    context = {
        "is_slow": is_slow,
        "text": text,
        "words": words,
        "leads": [each for each in found if not each.contact],
        "contacts": [each for each in found if each.contact],
        "actions": actions(user, words),
        "pages": [each for each in destinations_for(user) if words.lower() in each.label.lower()],
    }
    template = "leads/_palette_options.html" if request.htmx else "leads/palette.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def find(user: User, text: str) -> list[Found]:
    """Return the leads that match, those with the latest activity first.

    Raises QueryError if it takes too long: then it's better done in the list of leads.
    """
    query = as_query(text)
    if not query:
        return []
    with time_limit("palette", query):
        rows = run("lead", query, user).rows.order_by("-last_activity_at", "-pk")
        rows = rows.select_related("status").prefetch_related("contacts__phones")
        return [found_in(lead, text) for lead in rows[:MOST_LEADS]]


def as_query(text: str) -> str:
    """Return a query for leads with these words, or this part of a phone number, anywhere."""
    if re.search(r"\d", text) and not re.search(r"[^\W\d]", text):
        return f"phone:{quoted(text)}"
    return " ".join(word for word in re.findall(r"\w+", text) if word.lower() not in OPERATORS)


def found_in(lead: Lead, text: str) -> Found:
    """Return the lead with the contact that matches, unless its own name does."""
    words = re.findall(r"\w+", text.lower())
    digits = "".join(re.findall(r"\d", text))
    if all(word in lead.name.lower() for word in words):
        return Found(lead)
    for contact in lead.contacts.all():
        phones = list(contact.phones.all())
        matching = [phone for phone in phones if digits and digits in phone.phone]
        if matching or any(word in contact.name.lower() for word in words):
            phone = next(iter(matching or phones), None)
            return Found(lead, contact.name, phone.number.formatted if phone else "")
    return Found(lead)


def actions(user: User, words: str) -> list[Action]:
    if not words or user.organization_id is None:
        return []
    search = urlencode({"q": words})
    labels = {each.page: each.label.lower() for each in destinations_for(user)}
    found = [
        Action(f"Search {labels[each.page]} for “{words}”", f"{reverse(each.page)}?{search}")
        for each in vocabulary.available_to(user)
        if each.page in labels
    ]
    if "lead_new" not in labels:
        return found
    name = urlencode({"name": words})
    return [*found, Action(f"New lead named “{words}”", f"{reverse('lead_new')}?{name}", "plus")]
