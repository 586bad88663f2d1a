"""The sandbox's spam filter: crude and predictable, so you can trigger it on purpose."""

import re

# Any one of these is enough. Case doesn't matter.
PHRASES = [
    "act now",
    "click here",
    "crypto",
    "free money",
    "guaranteed winner",
    "risk free",
    "you have won",
]
# Public link shorteners, which carriers block because they hide where a link leads.
SHORTENERS = ["bit.ly", "goo.gl", "is.gd", "t.co", "tinyurl.com"]

LISTED = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, PHRASES))})\b"
    rf"|(?<![\w.-])(?:{'|'.join(map(re.escape, SHORTENERS))})/",
    re.IGNORECASE,
)


def looks_like_spam(text: str) -> bool:
    """Look for a listed phrase, a shortened link, or all caps with three exclamation marks."""
    return bool(LISTED.search(text)) or (text.isupper() and text.count("!") >= 3)


def documentation() -> str:
    return (
        "Undelivered with 30007, unless the sender number is whitelisted\n"
        f"  a text with one of: {', '.join(PHRASES)}\n"
        f"  a link of: {', '.join(SHORTENERS)}\n"
        "  a text in all caps with three exclamation marks\n"
    )
