"""The people that the sandbox delivers to. Each gives the same answer to the same question."""

from zlib import crc32

from messaging.carriers.sandbox.numbers import GOOD, TO

ANSWERS = [
    "Yes, that works for me.",
    "Sure, see you then!",
    "Can we do Thursday afternoon instead?",
    "Sorry, I'm driving. Will call you back in an hour.",
    "Sounds good 👍",
    "Who is this?",
    "Could you send me the price first?",
    "No thanks, we already found someone.",
    "Let me ask my partner and get back to you.",
    "Yes please. The side entrance is on Elm St.",
]

OUT = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
BACK_IN = {"START", "UNSTOP"}


def answer(number: str, text: str) -> str:
    """Return what the person with this number texts back, empty for nothing."""
    fixed = TO.get(number, GOOD).answer
    if fixed or "?" not in text:
        return fixed
    return ANSWERS[crc32(f"{number} {text}".encode()) % len(ANSWERS)]
