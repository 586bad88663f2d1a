"""Test completion at the cursor."""

import pytest

from leads.models import Lead
from search import complete, parse
from search.guidance.completion import Suggestion
from search.models import SavedView
from smscenter.accounts.models import User
from tests.search.conftest import NOW

pytestmark = pytest.mark.usefixtures("acme")


def at_end(rep: User, text: str, model: str = "lead") -> list[Suggestion]:
    return complete(model, text, len(text), rep, NOW)


def texts(rep: User, text: str, model: str = "lead") -> list[str]:
    return [suggestion.text for suggestion in at_end(rep, text, model)]


def test_an_empty_search_box_suggests_fields_groups_and_directives(rep: User) -> None:
    suggested = texts(rep, "")
    assert {"name:", "failed_sms > ", "sms(", "has:", "in:", "not ", "sort:"} <= set(suggested)
    assert not {"and ", "or "} & set(suggested)
    assert {"and ", "or "} <= set(texts(rep, "name:a "))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("sta", "status:"),
        ("assi", "assigned_to:"),
        ("status:q", "Qualified"),
        ("status:b", '"Bad Fit"'),
        ('status:"b', '"Bad Fit"'),
        ("status in (Potential, cu", "Customer"),
        ("sms(dir", "direction:"),
        ("sms(direction:o", "outgoing"),
        ("name:x or sms(status:error cr", "created:"),
        ("contact(na", "name:"),
        ("has:err", "error_sms_messages"),
        ("sort:-cre", "created"),
        ("owner:m", "me"),
        ("owner:jus", '"Justin Case"'),
        ("created:tod", "today"),
        ("created > last w", "last week"),
        ("created:more than 1", "more than 14 days ago"),
        ("custom.Mon", '"custom.Monthly Billable Amount" > '),
        ('"Source CRM":w', '"Web Form"'),
        ("failed_sms ", ": "),
    ],
)
def test_the_first_suggestion(rep: User, text: str, first: str) -> None:
    assert texts(rep, text)[0] == first


@pytest.mark.parametrize("text", ["limit:", ")", "nonsense:x)", "a" * 3_000, '"never closed'])
def test_no_suggestions(rep: User, text: str) -> None:
    assert texts(rep, text) == []


def test_no_directives_inside_parentheses(rep: User) -> None:
    assert "sort:" not in texts(rep, "sms(")
    assert "sort:" not in texts(rep, "(a ")


@pytest.mark.parametrize("text", ["note(", "contact(", "address("])
def test_views_are_suggested_only_for_models_that_have_them(rep: User, text: str) -> None:
    assert "in:" in texts(rep, "sms(")
    assert "in:" not in texts(rep, text)


def test_a_suggestion_replaces_the_whole_word_at_the_cursor(rep: User) -> None:
    text = "a statu b"
    first = complete("lead", text, 4, rep)[0]
    assert text[: first.start] + first.text + text[first.end :] == "a status: b"


def test_values_are_counted(rep: User) -> None:
    offers = {offer.label: offer.detail for offer in at_end(rep, "status:")}
    assert offers["Potential"] == "1 lead"


def test_dates_show_their_span(rep: User) -> None:
    offers = {offer.label: offer.detail for offer in at_end(rep, "created:")}
    assert offers["today"] == "Nov 23, 2026"
    assert offers["last week"] == "Nov 16, 2026 to Nov 22, 2026"


def test_saved_views_of_the_model_are_suggested(rep: User) -> None:
    fields = {"organization": rep.organization, "owner": rep}
    SavedView.objects.create(name="Hot leads", query="status:potential", **fields)
    SavedView.objects.create(name="Hot texts", model="message", **fields)
    assert texts(rep, "in:") == ['"Hot leads"']
    assert texts(rep, "in:", "message") == ['"Hot texts"']


def test_every_suggested_term_begins_a_valid_query(rep: User) -> None:
    for offer in texts(rep, ""):
        closing = {"(": ")", ":": "x", " ": "1"}.get(offer[-1], "")
        if offer not in {"sort:", "limit:"}:
            parse(offer + closing)


def test_completing_a_name_reads_no_rows(rep: User, django_assert_max_num_queries: object) -> None:
    """It reads the organization's fields and the user's views, which the word may name too."""
    Lead.objects.all().delete()
    with django_assert_max_num_queries(2):  # type: ignore[operator]  # a fixture
        at_end(rep, "name:x sta")


@pytest.mark.usefixtures("extras")
def test_an_empty_search_box_suggests_documented_fields_and_views_first(rep: User) -> None:
    assert texts(rep, "")[:5] == [
        *("failed_sms > ", "has:error_sms_messages", "sms(", "latest_sms_status:"),
        'in:"Hot leads"',
    ]


def test_after_a_finished_term_the_keywords_come_first(rep: User) -> None:
    assert texts(rep, "status:potential ")[:4] == ["and ", "or ", "not ", "sort:"]


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("err", "has:error_sms_messages"),
        ("opt", "has:opted_out"),
        ("text", "note(text:"),
        ("tex", "note(text:"),
        ("created > 14 ", "14 days ago"),
        ("created > 14", "14 days ago"),
        ("created > 14 w", "14 weeks ago"),
        ("created:last ", "last week"),
        ("created:last 5 ", "last 5 days"),
        ("created:more than ", "more than 14 days ago"),
        ("sms(created:last ", "last week"),
        ("sms(status:fail", "error"),
        ("sms(direction:outb", "outgoing"),
        ("sms(reason:land", "not_sms_capable"),
    ],
)
def test_the_best_suggestion_comes_first(rep: User, typed: str, suggested: str) -> None:
    assert texts(rep, typed)[0] == suggested


def test_values_in_groups_are_counted(rep: User) -> None:
    offers = at_end(rep, "sms(status:")

    assert {offer.text: offer.detail.split(" ·")[0] for offer in offers}["error"] == "2 SMS"


@pytest.mark.usefixtures("extras")
@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("failed today", "sms(created:today status:error)"),
        ("fail yes", "sms(created:yesterday status:error)"),
        ("opted out", "has:opted_out"),
        ("hot", 'in:"Hot leads"'),
        ("leads ho", 'in:"Hot leads"'),
        ("owner:me hot le", 'in:"Hot leads"'),
    ],
)
def test_words_find_views_and_queries(rep: User, typed: str, suggested: str) -> None:
    offers = {offer.text: offer for offer in at_end(rep, typed)}

    assert suggested in list(offers)[:2]
    words = len(typed.split()) - typed.startswith("owner:me")
    assert typed[offers[suggested].start :].split() == typed.split()[-words:]
