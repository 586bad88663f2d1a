"""Find wording that carriers' spam filters block, by a few words. This only warns, never blocks.

Carriers don't publish their filters, but what they and their resellers forbid is public.
`spam_marks.csv` has the words with their sources: public link shorteners, "SHAFT" content (sex,
hate, alcohol, firearms, tobacco), gambling, high-risk loans, and the phrases of spam. The lists are
short because a false warning is annoying and a missing one is harmless.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from smscenter.wording import quote

WORDS = Path(__file__).with_suffix(".csv")
# Shorter ones are abbreviations.
SHOUTED = 4
# Characters around a mark that its excerpt shows.
AROUND = 24
BEFORE = {"link": r"(?<![\w.-])", "subject": r"\b", "phrase": r"\b"}
AFTER = {"link": "/", "subject": r"\b", "phrase": r"\b"}
CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
# A line of the text, without the spaces around it.
LINE = re.compile(r"\S(?:.*\S)?")

Kind = Literal["link", "subject", "phrase", "capitals"]


@dataclass(frozen=True)
class SpamMark:
    """A part of a text that a filter may block."""

    kind: Kind
    subject: str
    start: int
    end: int
    text: str

    def __str__(self) -> str:
        """Return the warning, as a sentence."""
        words = self.text[self.start : self.end]
        match self.kind:
            case "link":
                return f"Carriers block shortened links ({words}…). Use your full website address."
            case "subject":
                return f"Carriers restrict texts about {self.subject} ({quote(words)})."
            case "phrase":
                return f"Spam filters look for {quote(words)}. Use other words."
            case "capitals":
                return "Spam filters treat words in all caps as shouting."

    @property
    def excerpt(self) -> tuple[str, str, str]:
        """Return the marked words, and whole words of the text before and after them."""
        before, after = self.text[: self.start], self.text[self.end :]
        if len(before) > AROUND:
            before = f"…{before[-AROUND:].partition(' ')[2]}"
        if len(after) > AROUND:
            after = f"{after[:AROUND].rpartition(' ')[0]}…"
        return before, self.text[self.start : self.end], after


def find(text: str) -> list[SpamMark]:
    """Return the first mark of each subject."""
    return list(_marks(text))


def _marks(text: str) -> Iterator[SpamMark]:
    for kind, subject, pattern in _patterns():
        if found := pattern.search(text):
            yield SpamMark(kind, subject, *found.span(), text)
    for line in LINE.finditer(text):
        if _shouts(line[0]):
            yield SpamMark("capitals", "", *line.span(), text)
            return


@cache
def _patterns() -> list[tuple[Kind, str, re.Pattern[str]]]:
    words: dict[tuple[Kind, str], list[str]] = {}
    with WORDS.open(newline="") as file:
        for row in csv.DictReader(file):
            kind: Kind = row["kind"]  # type: ignore[assignment]
            words.setdefault((kind, row["subject"]), []).append(re.escape(row["word"]))
    return [
        (
            kind,
            subject,
            re.compile(rf"{BEFORE[kind]}(?:{'|'.join(some)}){AFTER[kind]}", re.IGNORECASE),
        )
        for (kind, subject), some in words.items()
    ]


def _shouts(line: str) -> bool:
    """Return whether several words, and more than half, are in capitals."""
    capitals = CAPITALS.findall(line)
    return len(capitals) >= SHOUTED and 2 * len(capitals) > len(re.findall(r"[^\W\d_]+", line))
