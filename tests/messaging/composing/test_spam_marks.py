import csv

import pytest

from messaging.carriers.sandbox import spam
from messaging.composing import spam_marks


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("See bit.ly/abc", "shortened links (bit.ly/…)"),
        ("See https://TinyURL.com/abc", "shortened link"),
        ("Best WHISKEY in town", "alcohol (“WHISKEY”)"),
        ("New rifles? No: a rifle", "firearms (“rifle”)"),
        ("Try our CBD oil", "tobacco or cannabis"),
        ("Casino night", "gambling"),
        ("We offer debt relief", "loans and debts"),
        ("Hi Ada\nCALL NOW AND SAVE BIG", "all caps"),
    ],
)
def test_content_that_carriers_reject_is_flagged(text: str, warning: str) -> None:
    assert any(warning in str(mark) for mark in spam_marks.find(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hi Ada, this is Rita from Acme Roofing. Does Tuesday at 10 suit you?",
        "See rabbit.ly/abc and https://acme.example/t.com/",
        "Swine, Essex, trifles and vapeur",
        "NASA and the FBI and the USA said so to all of us yesterday, and TV showed it",
        "OK!",
    ],
)
def test_an_ordinary_text_is_not_flagged(text: str) -> None:
    assert not spam_marks.find(text)


def test_the_marked_words_are_shown_with_the_text_around_them() -> None:
    (mark,) = spam_marks.find("Hi Ada, our new menu is ready. See it on bit.ly/abc or at the door")
    assert mark.excerpt == ("…is ready. See it on ", "bit.ly/", "abc or at the door")


@pytest.mark.parametrize("words", [*spam.PHRASES, *(f"{name}/a" for name in spam.SHORTENERS)])
def test_what_the_sandbox_blocks_is_flagged_before(words: str) -> None:
    assert spam_marks.find(f"Hi Ada, {words} today")


def test_every_word_has_a_source() -> None:
    with spam_marks.WORDS.open(newline="") as file:
        assert all(row["word"] and row["source"] for row in csv.DictReader(file))
