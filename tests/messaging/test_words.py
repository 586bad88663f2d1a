"""A search finds the words that texts have, as comparing each text does."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from leads.models import Lead
from messaging.models import SmsMessage
from search import run
from search.words import word_index
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="PostgreSQL's index is part of the comparison"
)
TEXTS = (
    "See you at O'Brien's, Zürich-West 8!",
    "e\u0301te\u0301 ÉTÉ Łódź",
    "ΑΘΉΝΑΣ Москва 東京 🙂 Ⴀ Ａ 𐐀",
    'see-you "then" AND NOT (or) * ^ x:y',
    "you see\thim\nsee\u00a0you",
    "…",
    "a" * 600 + " 東" * 60,
)
QUERIES = (
    *("see", '"see"', '"see you"', '"you see"', '"see yo"', "o'br", "zurich-w", "8", "west8"),
    *("été", "lodz", "αθηνασ", "моск", "東", '"東京"', "ⴀ", "Ⴀ", "ａ", "Ａ", "𐐀", "𐐨"),
    *('"not or"', '"and not"', '"x y"', "x", "nosuch", "a" * 400, '"' + "東 " * 55 + '"'),
)


def found(query: str, user: User) -> set[int]:
    return set(run("message", f"text:{query}", user).rows.values_list("pk", flat=True))


def compared(query: str, user: User) -> set[int]:
    lookup = "text__phrase" if query.startswith('"') else "text__words"
    own = SmsMessage.objects.filter(organization=user.organization)
    return set(own.filter(**{lookup: query.strip('"')}).values_list("pk", flat=True))


@pytest.fixture
def texts(lead: Lead) -> list[SmsMessage]:
    return [factories.message(lead, text=text) for text in TEXTS]


@pytest.mark.parametrize("few", [-1, 10_000])
def test_an_index_finds_what_comparing_texts_does(
    texts: list[SmsMessage], rep: User, stranger: User, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_index, "FEW", few)
    for query in QUERIES:
        assert found(query, rep) == compared(query, rep), query
        assert found(query, stranger) == set()
    assert len(found("see", rep)) > 1


def test_changed_and_deleted_texts_are_found_by_their_new_words_only(
    texts: list[SmsMessage], rep: User
) -> None:
    first, second = texts[:2]
    SmsMessage.objects.filter(pk=first.pk).update(text="Erased on request.")
    second.delete()
    assert found("erased", rep) == {first.pk}
    assert found("zurich", rep) == found("lodz", rep) == set()
    SmsMessage.objects.all().delete()
    assert found("see", rep) == found("erased", rep) == set()


def test_wrong_words_in_an_index_are_reported_and_repaired(
    texts: list[SmsMessage], rep: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rollups")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_words (rowid, words) VALUES (%s, %s)",
            [texts[0].pk, f"{rep.organization_id}xquartz"],
        )
        cursor.execute("INSERT INTO leads_words (leads_words) VALUES ('delete-all')")
    with pytest.raises(CommandError, match="2 wrong values"):
        call_command("rollups")
    assert f"messaging_words {texts[0].pk}: its indexed words are wrong" in capsys.readouterr().out
    call_command("rollups", "--repair")
    call_command("rollups")
    assert found("quartz", rep) == set()
    assert found("zurich", rep) == {texts[0].pk}
