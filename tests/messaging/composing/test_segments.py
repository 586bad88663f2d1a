"""Segments are counted like in Twilio's documentation and calculator."""

import time

import pytest

from messaging.composing.segments import beyond_gsm, count, normalize, smart_encoding, to_plain


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        ("ы" * 70, "UCS-2", 1),
        ("ы" * 71, "UCS-2", 2),
        ("ы" * 134, "UCS-2", 2),
        ("ы" * 135, "UCS-2", 3),
        ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2),
        ("", "GSM-7", 0),
        ("Ç", "GSM-7", 1),
        ("ç", "UCS-2", 1),
        ("“hello”", "UCS-2", 1),
        ("\x1b", "UCS-2", 1),
        ("a" * 1600, "GSM-7", 11),
        ("a" * 1530, "GSM-7", 10),
    ],
)
def test_segments_are_counted(text: str, encoding: str, segments: int) -> None:
    counted = count(text)
    assert (counted.encoding, counted.segments) == (encoding, segments)


@pytest.mark.parametrize("character", "^{}[]~\\|€\f")
def test_an_extension_character_costs_two(character: str) -> None:
    assert count(character).units == 2
    assert count(character).encoding == "GSM-7"


@pytest.mark.parametrize("character", "“”‘’–—…`\t\u00a0")
def test_typographic_characters_force_ucs2(character: str) -> None:
    assert count(f"Hello{character}").encoding == "UCS-2"
    assert beyond_gsm(f"Hello{character}{character}") == (character,)


def test_an_extension_character_is_not_split_over_two_parts() -> None:
    # 152 + € would end the first part in the middle of the €, so it moves and leaves a gap.
    split = count("a" * 152 + "€" + "a" * 152)
    assert (split.segments, split.units) == (3, 306)


def test_a_surrogate_pair_is_not_split_over_two_parts() -> None:
    split = count("ы" * 66 + "😀" + "ы" * 66)
    assert (split.segments, split.units) == (3, 134)


@pytest.mark.parametrize(
    ("text", "left", "capacity"),
    [("", 160, 160), ("a", 159, 160), ("a" * 161, 145, 153), ("ы", 69, 70), ("ы" * 71, 63, 67)],
)
def test_the_remaining_characters_are_counted(text: str, left: int, capacity: int) -> None:
    assert (count(text).left, count(text).capacity) == (left, capacity)


def test_line_breaks_of_a_form_count_once() -> None:
    assert normalize("one\r\ntwo\rthree\n") == "one\ntwo\nthree\n"
    assert count("a\r\n" * 80) == count("a\n" * 80)
    assert count("a\r\n" * 80).segments == 1


def test_plain_text_keeps_its_meaning() -> None:
    text = "“Hi”\u00a0– it’s 5`… e\u0301 ok\u200b"
    assert to_plain(text) == "\"Hi\" - it's 5'... é ok"
    assert count(to_plain(text)).encoding == "GSM-7"


def test_accents_and_emoji_are_kept() -> None:
    assert to_plain("ça va 👍🏽 Zoë") == "ça va 👍🏽 Zoë"


def test_smart_encoding_is_offered_where_it_saves_segments() -> None:
    offer = smart_encoding("It’s “here” " + "a" * 140)
    assert offer is not None
    assert offer.saved == 2
    assert offer.replaced == ("’", "“", "”")
    assert (offer.before.segments, offer.after.segments) == (3, 1)
    assert offer.text.startswith('It\'s "here" ')


@pytest.mark.parametrize("text", ["plain", "It’s short", "😀" + "’" * 80])
def test_smart_encoding_is_not_offered_where_it_saves_nothing(text: str) -> None:
    assert smart_encoding(text) is None


def test_counting_the_longest_text_is_quick() -> None:
    def took(text: str) -> float:
        start = time.perf_counter()
        count(text)
        return time.perf_counter() - start

    assert min(took("a" * 1600) for _ in range(5)) < 0.005
    assert min(took("😀" * 800) for _ in range(5)) < 0.005
