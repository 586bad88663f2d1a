"""The sandbox's spam filter: crude and predictable, so that it can be tripped on purpose."""

import re

# Each is enough by itself, in any case.
PHRASES = [
    "act now",
    "click here",
    "crypto",
    "free money",
    "guaranteed winner",
    "risk free",
    "you have won",
]
# Public link shorteners, which carriers block for hiding where a link leads.
SHORTENERS = ["bit.ly", "goo.gl", "is.gd", "t.co", "tinyurl.com"]

LISTED = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, PHRASES))})\b"
    rf"|(?<![\w.-])(?:{'|'.join(map(re.escape, SHORTENERS))})/",
    re.IGNORECASE,
)


def looks_like_spam(text: str) -> bool:
    """A listed phrase, a shortened link, or all capitals with three exclamation marks."""
    return bool(LISTED.search(text)) or (text.isupper() and text.count("!") >= 3)


def documentation() -> str:
    return (
        "Undelivered with 30007, unless the sender number is whitelisted\n"
        f"  a text with one of: {', '.join(PHRASES)}\n"
        f"  a link of: {', '.join(SHORTENERS)}\n"
        "  a text all in capitals with three exclamation marks\n"
    )
