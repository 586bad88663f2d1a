"""Detect content that carriers restrict, by a few words. This only warns and never blocks.

Carriers don't publish their filters. The industry's rules are public (CTIA, Messaging Principles
and Best Practices): no public link shorteners, no "SHAFT" content (sex, hate, alcohol, firearms,
tobacco), no gambling, no high-risk loans. The lists are short because a false warning is annoying
and a missing one is harmless.
"""

import re
from collections.abc import Iterator

from smscenter.wording import quote

SHORTENERS = ["bit.ly", "goo.gl", "is.gd", "ow.ly", "rb.gy", "t.co", "t.ly", "tinyurl.com"]
SUBJECTS = {
    "sex": ["escort", "porn", "sexy", "xxx"],
    "alcohol": ["beer", "liquor", "vodka", "whiskey", "wine"],
    "firearms": ["ammo", "ammunition", "firearm", "firearms", "handgun", "rifle"],
    "tobacco or cannabis": ["cannabis", "cbd", "cigarettes", "kratom", "marijuana", "vape"],
    "gambling": ["betting", "casino", "jackpot", "lottery"],
    "loans and debts": ["debt relief", "payday loan", "credit repair", "student loan"],
    "quick money": ["free money", "get rich", "guaranteed winner", "you have won"],
}
# Shorter ones are abbreviations.
SHOUTED = 4


def _any_of(words: list[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)


LINK = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, SHORTENERS))})/", re.IGNORECASE)
PATTERNS = {subject: _any_of(words) for subject, words in SUBJECTS.items()}
CAPITALS = re.compile(r"\b[A-Z]{2,}\b")


def warnings(text: str) -> Iterator[str]:
    """Yield what makes carriers refuse these examples, in sentences."""
    if link := LINK.search(text):
        yield (
            f"The examples include a shortened link ({link[0]}…). Carriers block these, "
            "so use your full website address."
        )
    for subject, pattern in PATTERNS.items():
        if found := pattern.search(text):
            yield f"The examples mention {subject} ({quote(found[0])}), which carriers restrict."
    if any(_shouts(line) for line in text.splitlines()):
        yield "Part of the examples is in all caps. Spam filters treat that as shouting."


def _shouts(line: str) -> bool:
    """Return whether several words, and more than half, are in capitals."""
    capitals = CAPITALS.findall(line)
    return len(capitals) >= SHOUTED and 2 * len(capitals) > len(re.findall(r"[^\W\d_]+", line))
