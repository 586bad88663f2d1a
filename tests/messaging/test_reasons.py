"""Every reason has one label, defined in `Reason`."""

from pathlib import Path

import pytest

from leads.models import Lead
from messaging.diagnosis.announcement import announce
from messaging.models import Recipient
from messaging.models.reason import Group, Reason
from messaging.views.filters import MessageFilter
from search.words import vocabulary
from search.words.choice_fields import ChoiceField
from search.words.context import SearchContext
from smscenter.accounts.models import User
from smscenter.support.help import article
from tests import factories

ROOT = Path(__file__).parents[2]
CODE = ("leads", "messaging", "search", "smscenter", "templates")


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """Return the files with UI text, by path, except the list of reasons itself."""
    found = {}
    for path in (path for folder in CODE for path in (ROOT / folder).rglob("*.*")):
        is_source = path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts
        if is_source and path.name != "reason.py":
            found[str(path.relative_to(ROOT))] = path.read_text().lower()
    return found


def test_labels_are_short_and_differ() -> None:
    assert len({label.lower() for label in Reason.labels}) == len(Reason)
    assert all(len(label.split()) <= 3 for label in Reason.labels)


@pytest.mark.parametrize("label", [*Reason.labels, *Group.labels[:3]])
def test_labels_are_spelled_only_once(label: str, sources: dict[str, str]) -> None:
    spelled = {f'"{label}"', f">{label}<", f'"{label}."'}
    found = [
        path for path, text in sources.items() if any(word.lower() in text for word in spelled)
    ]

    assert found == []


@pytest.mark.parametrize("reason", Reason)
def test_the_articles_use_the_label(reason: Reason) -> None:
    own = article.get(reason.help_slug)

    assert own.title == reason.label
    assert f"[{reason.label}]({own.slug}.md)" in article.get("why-texts-fail").source


def test_the_second_line_is_the_group_unless_it_repeats_the_label() -> None:
    lines = {reason.value: reason.second_line for reason in Reason if reason.second_line}

    assert lines == {
        "not_sms_capable": Group.NOT_SMS_CAPABLE.label,
        "spam": Group.SPAM.label,
    }


@pytest.mark.parametrize("reason", Reason)
def test_pages_and_filters_use_the_label(reason: Reason, lead: Lead, rep: User) -> None:
    message = factories.message(lead, status="error", reason=reason)

    assert announce(message) == f"Text failed: {reason.label}."
    assert message.get_reason_display() == reason.label
    assert (reason.value, reason.label) in MessageFilter.base_filters["reason"].extra["choices"]
    assert Recipient.Capability.NOT_SMS_CAPABLE.label == Reason.NOT_SMS_CAPABLE.label


def test_the_search_uses_the_labels(rep: User) -> None:
    context = SearchContext.of(rep)
    field = vocabulary.get("message").field("reason", context)

    assert isinstance(field, ChoiceField)
    assert [option.label for option in field.options(context)] == Reason.labels
