"""Create a small organization on the afternoon of November 23, 2026, in New York.

Its rows are created once a module: `acme_of_module` and such are for the fixtures here, and tests
use `acme` and such. What a test changes is rolled back after it.
"""

from collections.abc import Callable, Iterable
from copy import copy
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leads.models import Address, ContactEmail, CustomField, Lead, LeadStatus, Note
from messaging.models import OptOut, Recipient
from search import run
from search.models import SavedView
from smscenter.accounts.models import Organization, User
from tests import factories

NOW = datetime(2026, 11, 23, 16, 55, tzinfo=ZoneInfo("America/New_York"))
Find = Callable[..., list[str]]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def find(rep: User) -> Find:
    """Return the names of the leads that a query finds, in its order or by name."""

    def found(query: str, user: User = rep) -> list[str]:
        result = run("lead", query, user, NOW)
        rows = result.rows.order_by(*(result.order or ("name",)))[: result.limit]
        return [lead.name for lead in rows]

    return found


@pytest.fixture(scope="module")
def organization_of_module(module_transaction: None) -> Organization:
    return factories.organization("acme")


@pytest.fixture(scope="module")
def rep_of_module(organization_of_module: Organization) -> User:
    return factories.user(organization_of_module, "rita")


@pytest.fixture(scope="module")
def colleague_of_module(organization_of_module: Organization) -> User:
    return factories.user(organization_of_module, "carl")


@pytest.fixture(scope="module")
def statuses_of_module(organization_of_module: Organization) -> dict[str, LeadStatus]:
    LeadStatus.objects.filter(organization=organization_of_module).delete()
    labels = ("Potential", "Bad Fit", "Qualified", "Customer", "Trial Expired")
    return {
        label: LeadStatus.objects.create(
            organization=organization_of_module, label=label, position=position
        )
        for position, label in enumerate(labels)
    }


@pytest.fixture(scope="module")
def customs_of_module(organization_of_module: Organization) -> None:
    kinds: Iterable[tuple[str, str, list[str]]] = (
        ("Tags", "text", []),
        ("Source CRM", "choice", ["Web Form", "Phone"]),
        ("Monthly Billable Amount", "number", []),
        ("Migration completed", "date", []),
        ("International Database ID", "text", []),
        ("Installer", "user", []),
        ('Größe "L"', "text", []),
    )
    for name, kind, choices in kinds:
        CustomField.objects.create(
            organization=organization_of_module, name=name, kind=kind, choices=choices
        )


@pytest.fixture(scope="module")
def acme_of_module(
    rep_of_module: User,
    colleague_of_module: User,
    statuses_of_module: dict[str, LeadStatus],
    customs_of_module: None,
) -> dict[str, Lead]:
    """Create four leads: with a failure today, an old sent text, only a reply, and no texts."""
    rep, colleague, statuses = rep_of_module, colleague_of_module, statuses_of_module
    colleague.first_name, colleague.last_name = "Justin", "Case"
    colleague.email = "justin@example.com"
    colleague.save()
    days = timedelta(days=1)
    bakery = factories.lead(
        rep,
        "Bluebird Bakery",
        status=statuses["Potential"],
        created=NOW - 2 * days,
        url="https://bluebird.example.com/cakes",
        description="Wedding cakes near Menlo Park",
        created_by=colleague,
        custom={
            "Tags": "sweet",
            "Monthly Billable Amount": 250.5,
            "Source CRM": "Web Form",
            "Migration completed": "2026-11-20",
            "Installer": colleague.pk,
            'Größe "L"': "ja",
        },
    )
    doe = factories.lead(
        colleague,
        "John Doe Roofing",
        status=statuses["Bad Fit"],
        created=NOW - 40 * days,
        custom={"International Database ID": "12345", "Monthly Billable Amount": 90},
    )
    reply = factories.lead(
        rep, "Zürich Travel", status=statuses["Qualified"], created=NOW - 20 * days
    )
    factories.lead(rep, "Quiet & Sons", status=statuses["Customer"], created=NOW - 60 * days)
    Lead.objects.filter(name="Quiet & Sons").update(owner=None)
    return fill(rep, bakery, doe, reply)


@pytest.fixture
def organization(organization_of_module: Organization, db: None) -> Organization:
    return copy(organization_of_module)


@pytest.fixture
def rep(rep_of_module: User, db: None) -> User:
    return copy(rep_of_module)


@pytest.fixture
def colleague(colleague_of_module: User, db: None) -> User:
    return copy(colleague_of_module)


@pytest.fixture
def statuses(statuses_of_module: dict[str, LeadStatus], db: None) -> dict[str, LeadStatus]:
    return statuses_of_module


@pytest.fixture
def customs(customs_of_module: None, db: None) -> None:
    """Create custom fields of each kind."""


@pytest.fixture
def acme(acme_of_module: dict[str, Lead], db: None) -> dict[str, Lead]:
    return {name: copy(lead) for name, lead in acme_of_module.items()}


@pytest.fixture
def extras(rep: User, acme: dict[str, Lead]) -> None:
    """Create another custom field, a saved view, and a lead who opted out."""
    organization = acme["bakery"].organization
    CustomField.objects.create(organization=organization, name="score", kind="number")
    SavedView.objects.create(
        organization=organization, owner=rep, name="Hot leads", query="status:potential"
    )
    recipient, _ = Recipient.objects.get_or_create(organization=organization, phone="+442071838750")
    OptOut.objects.create(organization=organization, recipient=recipient, source="keyword")


def fill(rep: User, bakery: Lead, doe: Lead, reply: Lead) -> dict[str, Lead]:
    days = timedelta(days=1)
    ours = {"organization": bakery.organization}
    ada = factories.contact(bakery, "+14155550123", "Ada Baker")
    ada.title = "Head of Cakes"
    ada.save()
    factories.contact(bakery, "+16505550100", "Bob Miller")
    ContactEmail.objects.create(**ours, contact=ada, email="ada@example.com")
    factories.contact(doe, "+442071838750", "John Doe")
    Address.objects.create(
        **ours,
        lead=doe,
        city="Menlo Park",
        state="CA",
        street="1 Main St",
    )
    Note.objects.create(
        **ours,
        lead=doe,
        user=rep,
        text="Asked about the budget.",
        created=NOW - 30 * days,
    )
    error: dict[str, Any] = {"status": "error", "reason": "spam"}
    factories.message(bakery, created=NOW - timedelta(hours=1), user=rep, **error)
    factories.message(
        bakery, created=NOW - 1 * days, text="See you at the New York office", user=rep, segments=2
    )
    factories.message(bakery, created=NOW - 1 * days, status="error", reason="not_sms_capable")
    factories.message(doe, created=NOW - 35 * days, text="Rain? Call the roofer!")
    factories.message(
        reply, created=NOW - 5 * days, direction="incoming", status="inbox", text="Stop it"
    )
    return {"bakery": bakery, "doe": doe, "reply": reply}
