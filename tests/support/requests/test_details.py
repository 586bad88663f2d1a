"""Test that each detail has the same label on the form, the pages, and the packet."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest
from smscenter.support.models.details import DETAILS, Detail
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.review.packet import packet_of

pytestmark = pytest.mark.once


def example(detail: Detail) -> Any:
    """Return a value that the field accepts and that no other field has."""
    field = SupportRequest._meta.get_field(detail.name)
    if isinstance(field, models.Field) and field.choices:
        return "unsure"
    if isinstance(field, models.URLField):
        return f"https://{detail.name.replace('_', '-')}.example"
    if isinstance(field, models.DateField):
        return date(2026, 11, 2)
    return 4321 if isinstance(field, models.IntegerField) else f"My {detail.name}"


@pytest.fixture
def filled(support_request: SupportRequest) -> SupportRequest:
    for detail in DETAILS:
        setattr(support_request, detail.name, example(detail))
    support_request.save()
    return support_request


def facts(page: str) -> dict[str, str]:
    """Return the values by label in all description lists of a page, without tags."""
    rows = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {label: re.sub(r"<.*?>", "", value).strip() for label, value in rows}


SHOWN = {
    "unsure": SupportRequest.OptedIn.UNSURE.label,
    4321: "4,321",
    date(2026, 11, 2): "Nov 2, 2026",
}


def shown(detail: Detail) -> str:
    value = example(detail)
    return escape(SHOWN.get(value, value))


def test_the_form_has_their_labels_and_help_texts(as_rep: Client, filled: SupportRequest) -> None:
    page = as_rep.get(reverse("request_edit", args=[filled.pk]))
    for detail in DETAILS:
        field = page.context["form"][detail.name]
        assert (field.label, field.help_text) == (detail.label, detail.help_text)
        assert field.field.required is detail.is_required
        assert escape(detail.label) in page.text
        assert escape(detail.help_text) in page.text


def test_the_requester_and_support_see_the_same_labels(
    as_rep: Client, as_supporter: Client, rep: User, filled: SupportRequest
) -> None:
    move(filled, State.SUBMITTED, rep)
    expected = {escape(detail.label): shown(detail) for detail in DETAILS}
    own = facts(as_rep.get(filled.get_absolute_url()).text)
    review = facts(as_supporter.get(reverse("review_detail", args=[filled.pk])).text)
    assert own | expected == own
    assert review | expected == review


def test_the_carrier_gets_the_same_labels(filled: SupportRequest) -> None:
    packet_facts = dict(fact for section in packet_of(filled).sections for fact in section.facts)
    expected = {detail.label: str(detail.value(filled)) for detail in DETAILS}
    assert packet_facts | expected == packet_facts


@pytest.mark.parametrize("name", [detail.name for detail in DETAILS if detail.is_required])
def test_a_request_is_incomplete_without_it(filled: SupportRequest, name: str) -> None:
    assert filled.missing() == []
    setattr(filled, name, "")
    assert filled.missing() == [SupportRequest.name_of(name)]
