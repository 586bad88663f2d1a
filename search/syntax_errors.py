"""Why a text is no query: from where the parser stopped to a sentence, a place and a correction."""

import re

from lark import Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from search.errors import Code, Problem

VALUE_WORDS = {"WORD_VALUE", "KEY"}
QUOTED_OR_PARENTHESIS = re.compile(r'"(?:[^"\\]|\\[\s\S])*"|([()])')


def explain(text: str, error: UnexpectedInput) -> Problem:
    """The problem of a text that the parser refused."""
    expected = _expected(error)
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return _at_end(text, expected)
    start, end = _place(error)
    if text[start] == '"':
        return _open_quote(text, start)
    if text[start] == ")":
        return _closing(text, start, expected)
    return _unexpected(text, start, end, expected)


def _expected(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedCharacters):
        return set(error.allowed or ())
    return set(error.accepts or error.expected) if isinstance(error, UnexpectedToken) else set()


def _place(error: UnexpectedInput) -> tuple[int, int]:
    start = error.pos_in_stream or 0
    if isinstance(error, UnexpectedToken) and isinstance(error.token, Token):
        return start, error.token.end_pos or start + 1
    return start, start + 1


def _wants_value(expected: set[str]) -> bool:
    return bool(expected & VALUE_WORDS)


def _wants_term(expected: set[str]) -> bool:
    """Whether nothing may end here: something has to follow."""
    return not expected & {"$END", "CLOSE"}


def _at_end(text: str, expected: set[str]) -> Problem:
    end = len(text)
    if _wants_value(expected) or _wants_term(expected):
        message = "Something is missing at the end."
        hint = "A value stands here, such as status:open." if _wants_value(expected) else ""
        return Problem(
            Code.MISSING_VALUE,
            message,
            end,
            end,
            hint or "Another term stands here.",
            _without_end(text),
        )
    start = _unclosed(text)
    message = "This parenthesis is never closed."
    fix = f"{text.rstrip()}{')' * len(_open(text))}"
    return Problem(Code.UNCLOSED_PARENTHESIS, message, start, start + 1, "Add ) at the end.", fix)


def _without_end(text: str) -> str:
    """The query without a keyword that hangs at its end; empty where something else hangs."""
    shorter = re.sub(r"(?:\s+(?:and|or|not)|\s*-)\s*$", "", text, flags=re.IGNORECASE)
    return "" if shorter == text or _open(shorter) else shorter


def _open(text: str) -> list[int]:
    """Where the parentheses open that are never closed."""
    places: list[int] = []
    for match in QUOTED_OR_PARENTHESIS.finditer(text):
        if match[1] == "(":
            places.append(match.start())
        elif match[1] and places:
            places.pop()
    return places


def _unclosed(text: str) -> int:
    return (_open(text) or [0])[-1]


def _open_quote(text: str, start: int) -> Problem:
    if start and text[start - 1] == '"':
        message = "This quotation mark belongs to nothing."
        hint = r"To look for a quotation mark itself, write \" inside the quotes."
        return Problem(Code.UNEXPECTED, message, start, start + 1, hint).putting(text, "")
    message = "This quotation mark is never closed."
    fix = f'{text.rstrip()}"{")" * len(_open(text[:start]))}'
    return Problem(Code.UNCLOSED_QUOTE, message, start, start + 1, 'Add " at the end.', fix)


def _closing(text: str, start: int, expected: set[str]) -> Problem:
    if not _open(text[:start]):
        message = "This parenthesis was never opened."
        return Problem(Code.UNEXPECTED, message, start, start + 1).putting(text, "")
    what = "A value" if _wants_value(expected) else "A term"
    message = "Something is missing before this parenthesis."
    return Problem(Code.MISSING_VALUE, message, start, start + 1, f"{what} stands here.")


def _unexpected(text: str, start: int, end: int, expected: set[str]) -> Problem:
    found = text[start:end].strip()
    message = f"“{found}” cannot stand here."
    hint = _advice(text, start, found, expected)
    return Problem(
        Code.UNEXPECTED, message, start, end, hint, _repaired(text, start, end, expected)
    )


def _repaired(text: str, start: int, end: int, expected: set[str]) -> str:
    """A corrected query where there is a likely one."""
    found = text[start:end]
    if found[0] in "<>=!" and text[:start].endswith(":"):
        return f"{text[: start - 1].rstrip()} {text[start:]}"
    two_words = re.search(r"[^\s\"(),]+\s+$", text[:start])
    if {"COMMA", "CLOSE"} <= expected and two_words and re.match(r"\w", found):
        return f'{text[: two_words.start()]}"{two_words[0]}{found}"{text[end:]}'
    return ""


def misplaced_keyword(word: str, start: int, end: int) -> Problem:
    message = f"Something is missing before “{word}”."
    hint = f'To look for the word itself, write "{word}" in quotes.'
    return Problem(Code.MISSING_VALUE, message, start, end, hint)


def misplaced_directive(word: str, start: int, end: int) -> Problem:
    message = f"“{word}:” cannot stand inside parentheses, or after not."
    return Problem(Code.UNEXPECTED, message, start, end, "Put it at the end of the query.")


def _advice(text: str, start: int, found: str, expected: set[str]) -> str:
    if found[0] in "<>=!" and text[:start].endswith(":"):
        return f"Leave out the colon before {found}."
    if found[0] in ":<>=!":
        return "The name of a field stands before an operator: status:open."
    if found == "(" and _wants_value(expected):
        return "Several values are written field in (one, two); others need quotes."
    if found == "," and not _open(text[:start]):
        return "Several values are written field in (one, two)."
    if re.match(r"(?:sort|limit|slice)\s*:", found, re.IGNORECASE):
        return "It stands outside of parentheses, at the end of the query."
    return "Text with special characters needs quotes."
