"""The deliverability page: its numbers, and the searches that list what they count."""

import re
from datetime import timedelta
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from leads.models import Lead
from messaging.deliverability import recounting
from messaging.deliverability.tallies import start_of
from messaging.models import BulkItem, BulkSend, CarrierPrice, MessageTemplate, SmsMessage
from smscenter.accounts.models import User
from tests import factories

URL = "/deliverability/"
TEXTS = [("sent", ""), ("error", "spam"), ("error", "opted_out"), ("sent", "")]
# Alone, in "11 Landline", and in "Nov 3: 11 of 20 failed".
NUMBER = re.compile(r"(?:^|: |\s)(\d[\d,]*)(?= (?:sent|failed|received|of)|\s*$|\s+[A-Z])")
LINK = re.compile(r'<a href="(/messages/\?q=[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


@pytest.fixture
def boss(rep: User) -> User:
    """Return a manager whose days begin at another time than the organization's."""
    return factories.user(
        rep.organization, "boss", role=User.Role.MANAGER, time_zone="America/Los_Angeles"
    )


@pytest.fixture
def texts(lead: Lead, rep: User, colleague: User) -> None:
    """Create texts of 20 days, of which the last ones aren't counted yet."""
    organization = lead.organization
    senders = [
        factories.sender(organization),
        factories.sender(organization, phone="72975", country="US", carrier="twilio"),
        None,
    ]
    templates = [
        MessageTemplate.objects.create(organization=organization, name=name, text="Hi")
        for name in ("Follow up", "Follow up again")
    ]
    number = count()
    today = timezone.localdate(timezone=organization.zone)
    for days_ago in range(20, 0, -1):
        midnight = start_of(today - timedelta(days=days_ago), organization.zone)
        if days_ago == 2:
            recounting.recount(organization)
        rows: list[dict[str, Any]] = []
        for status, reason in TEXTS:
            n = next(number)
            sender = senders[n % 3]
            fields = {
                "created": midnight + timedelta(minutes=97 * n % 1380),  # a day can have 23 hours
                "status": status,
                "reason": reason,
                "sender": sender,
                "local_phone": sender.phone if sender else "",
                "user": [rep, colleague, None][n % 3],
                "template": [None, *templates][n % 3],
                "encoding": "UCS-2" if n % 7 == 0 else "GSM-7",
                "segments": 1 + n % 3,
            }
            rows.append(fields)
        rows.append({"direction": "incoming", "status": "inbox", "created": timezone.now()})
        factories.messages(lead, rows)


def links(html: str) -> dict[str, int]:
    """Return the number that each link to the list of texts shows."""
    found = {}
    for href, label in LINK.findall(html):
        words = unescape(re.sub(r"<[^>]+>", " ", label))
        numbers = re.findall(
            r"(?:^|: |\s)(\d[\d,]*)(?= (?:sent|failed|received|of)|\s*$|\s+[A-Z])", words
        )
        found[unescape(href)] = int(numbers[-1].replace(",", "")) if numbers else -1
    return found


@pytest.mark.parametrize(
    "query",
    [
        "period=90&user={rep}",
        *(pytest.param(q, marks=pytest.mark.once) for q in ("", "period=7&carrier=twilio")),
    ],
)
def test_every_number_is_a_search_that_finds_as_many(
    client: Client, boss: User, rep: User, texts: None, query: str
) -> None:
    client.force_login(boss)
    url = f"{URL}?all=on&{query.format(rep=rep.pk)}"
    html = client.get(url).content.decode()
    part = client.get(url, headers={"HX-Request": "true", "HX-Target": "breakdowns"})
    shown = links(html)
    assert len(shown) > 30
    assert shown.keys() > links(part.content.decode()).keys()
    assert sum(shown.values()) > 0
    for href, number in shown.items():
        [q] = parse_qs(urlsplit(href).query)["q"]
        found = SmsMessage.objects.visible_to(boss).search(q, user=boss)
        assert found.count() == number, q


@pytest.mark.once
def test_a_rep_sees_only_their_own_texts_and_no_money(
    client: Client, rep: User, colleague: User, texts: None
) -> None:
    client.force_login(rep)
    response = client.get(URL, {"user": colleague.pk})
    own = SmsMessage.objects.filter(user=rep, status="error").count()
    assert response.context["report"].total.failed == own
    assert "Cost of failed texts" not in response.content.decode()
    export = client.get(reverse("deliverability_export")).getvalue().decode()
    assert str(colleague) not in export
    assert "Cost" not in export


def test_costs_follow_the_price_of_the_carrier_and_the_reason(
    client: Client, boss: User, lead: Lead
) -> None:
    sender = factories.sender(lead.organization, carrier="twilio")
    for reason in ("not_sms_capable", "opted_out", "rate_limit"):
        factories.message(lead, sender=sender, status="error", reason=reason, segments=3)
    bulk = BulkSend.objects.create(organization=lead.organization, kind="send", state="done")
    BulkItem.objects.create(
        organization=lead.organization,
        bulk=bulk,
        position=1,
        state="left_out",
        reason="not_sms_capable",
        sender=sender,
        segments=2,
    )
    CarrierPrice.objects.filter(reason="not_sms_capable").update(per_segment="0.01")
    client.force_login(boss)
    context = client.get(URL).context
    # A landline costs its segments, an opt-out nothing, and the rest the fee for a failed text.
    costs = {line.label: str(line.cost) for line in context["report"].reasons}
    assert costs == {
        "Landline": "0.03000",
        "Opted out": "0.00000",
        "Sending limit reached": "0.00100",
    }
    assert str(context["report"].avoidable_cost) == "0.03000"
    assert (context["saved"].texts, str(context["saved"].cost)) == (1, "0.02000")


@pytest.mark.once
def test_changes_say_whether_they_could_be_chance(client: Client, boss: User, lead: Lead) -> None:
    def create(days: int, status: str, number: int) -> None:
        at = timezone.now() - timedelta(days=days)
        for _ in range(number):
            factories.message(
                lead, created=at, status=status, reason="spam" if status == "error" else ""
            )

    create(10, "sent", 40)
    create(10, "error", 10)
    create(1, "sent", 35)
    create(1, "error", 15)
    client.force_login(boss)
    page = client.get(URL, {"period": "7"}).content.decode()
    assert "up 10.0 points, may be chance" in page
    create(1, "error", 40)
    page = client.get(URL, {"period": "7"}).content.decode()
    assert "up 41.1 points, more than chance" in page
    assert "up" not in client.get(URL, {"period": "7", "compare": "none"}).context["report"].before


@pytest.mark.once
def test_one_failure_makes_no_score(client: Client, boss: User, lead: Lead) -> None:
    """A new organization's first text may fail, which says nothing about the next ones."""
    factories.message(lead, status="error", reason="spam")
    client.force_login(boss)
    assertContains(client.get(URL), "Needs 30 texts")
    for _ in range(29):
        factories.message(lead)
    assertNotContains(client.get(URL), "Needs 30 texts")


@pytest.mark.once
def test_an_organization_without_texts_is_told_what_will_be_here(client: Client, rep: User) -> None:
    client.force_login(rep)
    assert "No texts yet." in client.get(URL).content.decode()


@pytest.mark.once
def test_odd_parameters_show_the_default_period(client: Client, rep: User, lead: Lead) -> None:
    factories.message(lead, user=rep)
    client.force_login(rep)
    odd = {
        "period": "x",
        "from": "2026-13-01",
        "to": "",
        "sender": "x",
        "carrier": "'",
        "compare": "1",
    }
    for more in ({}, {"from": "0001-01-01", "to": "0001-01-02"}):
        report = client.get(URL, odd | more).context["report"]
        assert (report.period.days, report.total.sent) == (30, 1)
