"""Segments are counted as Twilio's own counter does, but for one decision.

Where a segment is full, Twilio's counter keeps an emoji of several characters whole, such as a
flag, a skin tone, or a family, and moves all of it to the next segment. That can make one segment
more than we count. The standard only forbids splitting a UCS-2 character of 16 bits (3GPP TS
23.040), and Twilio documents 67 of these for each segment, and nothing about emoji. Phones put the
parts together before they show them. So ours is the documented count, and the counter's an upper
limit.
"""

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from messaging.composing import segments

pytestmark = [pytest.mark.contract, pytest.mark.once]

JOINED = 67
PIECES = [
    *"abcdefgh ABC 123 .,!?\n",
    *"@£$¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¡ÄÖÑÜ§¿äöñüà",
    *"^{}[]~\\|€",
    *"“”‘’–—…\t\u00a0çşыб中日",
    *"😀👍🎉🚀",
]
SEQUENCES = ["🇺🇸", "👍🏽", "👨‍👩‍👧‍👦", "❤️", "1️⃣", "🏳️‍🌈", "e\u0301", "👩🏽‍💻"]


def strings() -> Iterator[str]:
    """Yield 10,000 texts, a third of them with characters made of several."""
    chance = random.Random(1)
    for number in range(10_000):
        # The first 60 are characters of GSM 03.38.
        pieces = PIECES[: 60 if number % 2 else None]
        if number % 3 == 0:
            pieces = [*pieces, *SEQUENCES * 2]
        yield "".join(chance.choices(pieces, k=chance.randint(1, 400)))


@pytest.fixture(scope="module")
def counted(node_modules: Path) -> list[tuple[str, str, int, list[str]]]:
    """Return each text with the encoding, the number, and the graphemes that the counter found."""
    texts = list(strings())
    script = Path(__file__).parent / "count_segments.js"
    output = subprocess.run(
        ["node", script, node_modules],
        input=json.dumps(texts),
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [(text, *found) for text, found in zip(texts, json.loads(output), strict=True)]


def test_the_encoding_is_the_same(counted: list[tuple[str, str, int, list[str]]]) -> None:
    for text, encoding, _, _ in counted:
        assert segments.count(text).encoding == encoding, text


def test_the_number_is_the_same_unless_an_emoji_is_kept_whole(
    counted: list[tuple[str, str, int, list[str]]],
) -> None:
    higher = 0
    for text, encoding, number, graphemes in counted:
        ours = segments.count(text).segments
        if ours != number:
            assert encoding == "UCS-2"
            assert number == kept_whole(graphemes), text
            assert number > ours
            higher += 1
    print(f"{higher} of {len(counted)} texts have more segments by Twilio's counter")  # noqa: T201
    assert 0 < higher < len(counted) / 10


def kept_whole(graphemes: list[str]) -> int:
    """Return the number of segments if none of these is split."""
    sizes = [len(grapheme.encode("utf-16-le")) // 2 for grapheme in graphemes]
    count, used = 1, 0
    for size in sizes:
        if used + size > JOINED:
            count, used = count + 1, 0
        used += size
    return count
