"""Explain why a text can't be parsed: a message, its position, and a fix."""

import re

from search.language.errors import Code, Problem
from search.language.mistakes import OPERATORS, find_matches, mistake_at
from search.language.tokens import Place

QUOTED_OR_PARENTHESIS = re.compile(r'"(?:[^"\\]|\\[\s\S])*(?:"|\\?\Z)|([()])')


def explain(text: str, kind: str, start: int, end: int, place: Place) -> Problem:
    """Return the problem of a token that can't come at a place. Its kind is empty if it's none."""
    if kind == "END":
        return _at_end(text, place)
    if known := mistake_at(text, start):
        return known
    if text[start] == '"':
        return _open_quote(text, start)
    if text[start] == ")":
        return _closing(text, start, place)
    return _unexpected(text, start, end, place)


def _at_end(text: str, place: Place) -> Problem:
    end = len(text)
    if place.wants_value:
        return Problem(Code.MISSING_VALUE, missing_value(text), end, end)
    if place is Place.TERM:
        return _hanging(text, end)
    start = _unclosed(text)
    message = "This parenthesis is never closed."
    problem = Problem(Code.UNCLOSED_PARENTHESIS, message, start, start + 1, "Add ) at the end.")
    return problem.with_fixes(f"{text.rstrip()}{')' * len(_open(text))}")


def unfinished(text: str) -> tuple[str, str] | None:
    """Return the field and the operator at the end of a text: failed_sms and >."""
    begun = re.search(r'(?:([^\s"(),:=<>]+|"[^"]*"))\s*(!=|<=|>=|[:=<>]|in\s*\()\s*$', text)
    return (begun[1], " ".join(begun[2].split())) if begun else None


def missing_value(text: str, example: str = "") -> str:
    """Return the message: Add a value after “>”, for example `failed_sms > 1`."""
    begun = unfinished(text)
    if begun is None:
        return "Add a value at the end."
    return f"Add a value after “{begun[1]}”{f', for example `{example}`' if example else ''}."


def _hanging(text: str, end: int) -> Problem:
    """Suggest the query without a keyword or minus sign at its end."""
    last = re.search(r"(\band|\bor|\bnot|-)\s*$", text, re.IGNORECASE)
    message = f"Add a term after “{last[1]}”." if last else "Add a term at the end."
    problem = Problem(Code.MISSING_VALUE, message, end, end)
    shorter = re.sub(r"(?:\s+(?:and|or|not)|\s*-)\s*$", "", text, flags=re.IGNORECASE)
    return problem if shorter == text or _open(shorter) else problem.with_fixes(shorter)


def _open(text: str) -> list[int]:
    """Return the positions of the parentheses that are never closed."""
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
        message = "This quotation mark has no match."
        hint = r"To search for a quotation mark itself, use \" inside quotes."
        return Problem(Code.UNEXPECTED, message, start, start + 1, hint).with_replacements(text, "")
    message = "This quotation mark is never closed."
    problem = Problem(Code.UNCLOSED_QUOTE, message, start, start + 1, 'Add " at the end.')
    return problem.with_fixes(f'{text.rstrip()}"{")" * len(_open(text[:start]))}')


def _closing(text: str, start: int, place: Place) -> Problem:
    if not _open(text[:start]):
        message = "This parenthesis was never opened."
        return Problem(Code.UNEXPECTED, message, start, start + 1).with_replacements(text, "")
    what = "value" if place.wants_value else "term"
    message = f"Add a {what} before this parenthesis."
    return Problem(Code.MISSING_VALUE, message, start, start + 1)


def _unexpected(text: str, start: int, end: int, place: Place) -> Problem:
    found = text[start:end].strip()
    message = f"“{found}” isn't allowed here."
    problem = Problem(Code.UNEXPECTED, message, start, end, _advice(text, start, found, place))
    if found[0] in "<>=!" and text[:start].endswith(":"):
        return problem.with_fixes(f"{text[: start - 1].rstrip()} {text[start:]}")
    return problem


def misplaced_keyword(word: str, start: int, end: int) -> Problem:
    message = f"Add a term before “{word}”."
    hint = f'To search for the word itself, put "{word}" in quotes.'
    return Problem(Code.MISSING_VALUE, message, start, end, hint)


def misplaced_directive(word: str, start: int, end: int) -> Problem:
    message = f"“{word}:” isn't allowed inside parentheses or after not."
    return Problem(Code.UNEXPECTED, message, start, end, "Move it to the end of the query.")


def foreign_operator(text: str) -> Problem | None:
    """Find `||` and `&&`, which would be parsed as words without letters."""
    for each in OPERATORS:
        for match in find_matches(each.pattern, text):
            if match["at"] in {"||", "&&"}:
                return each.problem(Code.UNEXPECTED, text, match)
    return None


def _advice(text: str, start: int, found: str, place: Place) -> str:
    if found[0] in "<>=!" and text[:start].endswith(":"):
        return f"Remove the colon before {found}."
    if found[0] in ":<>=!":
        return "An operator comes after a search field, for example `created:today`."
    if found == "(" and place.wants_value:
        return "Write several values as `field in (one, two)`. Put others in quotes."
    if re.match(r"(?:sort|limit|slice)\s*:", found, re.IGNORECASE):
        return "Move it outside of the parentheses, to the end of the query."
    return "Put text with special characters in quotes."
