"""Test that words in text are the same on SQLite and PostgreSQL."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from leads.models import Lead
from search.words import word_index
from search.words.text_lookups import FOLD, words_of
from smscenter.accounts.models import User
from tests import factories


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zürich-West 8", ["zurich", "west", "8"]),
        ("O'Brien & Söhne", ["o", "brien", "sohne"]),
        ("e\u0301te\u0301 ÉTÉ", ["ete", "ete"]),
        ("a@b.com", ["a", "b", "com"]),
        ("Łódź Ærø", ["lodz", "ærø".replace("ø", "o").replace("Æ", "æ")]),
        ("ΑΘΉΝΑΣ Αθήνας", ["αθηνασ", "αθηνασ"]),
        ("Москва 東京 🙂", ["москва", "東京"]),
        ("12e00x", ["12e00x"]),
        ("…", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.django_db
def test_python_and_the_database_fold_the_same_characters() -> None:
    """Test all folded characters, and all characters of the common planes."""
    codes = [*range(1, 0xD800), *range(0xF900, 0x10000), *range(0x1F300, 0x1F700), *FOLD]
    text = "".join(f"a{chr(code)}b\n" for code in codes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_words(%s)", [text])
        found = cursor.fetchone()[0].split(" ")
    # PostgreSQL's words have a letter before each, so that no word looks like a number.
    before = "x" if connection.vendor == "postgresql" else ""
    assert [word for word in found if word not in {"", before}] == [
        f"{before}{word}" for word in words_of(text)
    ]


@pytest.mark.parametrize(
    ("lookup", "value", "found"),
    [
        ("words", "blue", True),
        ("words", "BLUE", True),
        ("words", "bird", False),
        ("words", "bluebird bak", True),
        ("words", "blue bakery", False),
        ("words", "12e", True),
        ("phrase", "bluebird bakery", True),
        ("phrase", "bakery bluebird", False),
        ("phrase", "bluebird", True),
        ("phrase", "blue", False),
        ("phrase", "bird bakery", False),
        ("phrase", "bakery caf", False),
        ("words", "bakery caf", True),
        ("words", "akery cafe", False),
        ("phrase", "cafe 12e00x", True),
        ("words", "…", False),
        ("words", "a" * 3_000, False),
        ("words", "東" * 1_000, False),
        ("words", "' | ! <-> :* \\", False),
    ],
)
def test_lookups_match(rep: User, lookup: str, value: str, *, found: bool) -> None:
    """Test a text in ASCII, too, which is compared in another way."""
    for name in ("Bluebird-Bakery, Café 12e00x", "BLUEBIRD_bakery\ncafe 12e00x"):
        factories.lead(rep, name)
    leads = Lead.objects.filter(**{f"name__{lookup}": value})
    assert leads.count() == (2 if found else 0)
    assert Lead.objects.exclude(pk__in=leads).exists() is not found


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL needs no FTS5")
def test_a_check_reports_an_sqlite_without_fts5(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_index, "_has_fts5", lambda _: False)
    with pytest.raises(SystemCheckError, match="compiled without FTS5"):
        call_command("check", databases=["default"])
