"""Common mistakes, such as syntax of other query languages, and how to fix them.

A mistake is a pattern of unquoted text and its possible replacements, the most likely first. These
are guesses: `search.answering.fixes` drops those that aren't valid queries. `fallback` is used if
none of the others is valid.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from search.language.errors import Code, Problem, replace_span
from search.language.tokens import UNIT
from search.language.tree import as_value, quoted

QUOTED = r'(?<!\\)"(?:[^"\\]|\\[\s\S])*"'
PLAIN = r'[^\s"(),:=<>]+'
VALUE = rf"(?:{QUOTED}|{PLAIN})"
NAME = rf"(?P<name>{QUOTED}|(?<![\w.])[^\W\d]\w*(?:\.\w+)*)"
LIST = rf"{VALUE}(?:\s*,\s*{VALUE})"
KEYWORD = r"(?:and|or|not|has|in|sort|limit|slice)(?:[\s:()]|$)"

Rewrite = Callable[[re.Match[str]], Sequence[str]]


@dataclass(frozen=True)
class Mistake:
    """A pattern whose group `at` is marked as wrong. The whole match is replaced."""

    pattern: re.Pattern[str]
    message: str
    rewrite: Rewrite
    fallback: Rewrite = lambda _: ()
    hint: str = ""

    def problem(self, code: Code, text: str, match: re.Match[str]) -> Problem:
        start, end = match.span("at") if "at" in self.pattern.groupindex else match.span()
        named = {**match.groupdict(), "at": text[start:end]}
        message, hint = self.message.format(**named), self.hint.format(**named)
        fixes, others = (
            [replace_span(text, *match.span(), each) for each in rewrite(match)]
            for rewrite in (self.rewrite, self.fallback)
        )
        return Problem(code, message, start, end, hint).with_fixes(*fixes).with_fallbacks(*others)


def mistake(pattern: str, message: str, rewrite: Rewrite | str, **more: Rewrite | str) -> Mistake:
    """Make a mistake. A `rewrite` that is text is a template of the pattern's groups."""
    made = {
        key: _template(value) if key != "hint" and isinstance(value, str) else value
        for key, value in {"rewrite": rewrite, **more}.items()
    }
    return Mistake(re.compile(pattern, re.IGNORECASE), message, **made)  # type: ignore[arg-type]


def _template(text: str) -> Rewrite:
    return lambda match: [text.format(**match.groupdict())]


def _values(inside: str) -> list[str]:
    return re.findall(VALUE, inside)


def _listed(name: str, values: Sequence[str]) -> str:
    return f"{name} in ({', '.join(values)})"


def _parts(inside: str) -> list[str]:
    """Split at `or`, bars, and commas. Quote parts of several words."""
    parts = re.split(r"\s*(?:,|\|+|\bor\b)\s*", inside.strip(), flags=re.IGNORECASE)
    return [part if re.fullmatch(VALUE, part) else quoted(part) for part in parts if part]


def _in_parentheses(match: re.Match[str]) -> list[str]:
    """Read `status:(a or b)` as a list, `name:(menlo park)` as a phrase or a list."""
    name, inside = match["name"], match["inside"].strip()
    parts, values = _parts(inside), _values(inside)
    if not values:
        return []
    if len(parts) > 1:
        return [_listed(name, parts)]
    plain = '"' not in inside
    return [f"{name}:{quoted(inside) if plain else inside}", _listed(name, values)]


def _list_without_commas(match: re.Match[str]) -> list[str]:
    """Add the quotes or commas missing in `status in (bad fit, potential)`."""
    name = f"{match['name']} {match['negated'] or ''}".strip()
    inside, words = match["inside"], _values(match["inside"])
    if not words:
        return []
    if '"' in inside:
        return [_listed(name, words)]
    return [_listed(name, _parts(inside)), _listed(name, words)]


def _commas(match: re.Match[str]) -> list[str]:
    """Read `status:a,b` as a list, and `name:Doe, John` as a phrase first."""
    name, inside = match["name"], match["inside"]
    found = [_listed(name, _values(inside))]
    if '"' not in inside:
        found.insert(0 if ", " in inside else 1, f"{name}:{quoted(inside)}")
    return found


def _without_commas(match: re.Match[str]) -> list[str]:
    return [match[0].replace(",", "")]


def _sorted(match: re.Match[str]) -> list[str]:
    """Rewrite `sort:created desc, name` as `sort:-created,name`."""
    keys = re.findall(rf"(-?{VALUE})(?:\s+(asc|desc)(?:ending)?\b)?", match["keys"], re.IGNORECASE)
    sort_keys = [
        f"-{key}" if order.lower() == "desc" and key[0] != "-" else key for key, order in keys
    ]
    return [f"sort:{','.join(sort_keys)}"]


def _range(match: re.Match[str]) -> list[str]:
    ends = [match[end].strip('"') for end in ("low", "high")]
    return [f"{match['name']}:{'..'.join(ends)}"]


def _age(match: re.Match[str]) -> list[str]:
    return [f"{match['name']} < {match['length']} ago"]


def _beginning(match: re.Match[str]) -> list[str]:
    """Rewrite `like "pot%"`: `:` finds words that begin with a value."""
    value = match["value"].strip('"').strip("%*")
    return [f"{match['name']}:{as_value(value)}"] if value else []


OR, AND = "“{at}” isn't an operator. Use `or`.", "“{at}” isn't an operator. A space means “and”."
OPERATORS = [
    mistake(r"(?<![=!<>:])(?P<at>={2,3})", "Use a single = here.", "="),
    mistake(r"(?P<at><>)", "“<>” isn't an operator. Use !=.", "!="),
    mistake(r"(?P<at>=>)", "“=>” isn't an operator. Use >=.", ">="),
    mistake(r"(?P<at>=<)", "“=<” isn't an operator. Use <=.", "<="),
    mistake(r"(?<!\s)\s*(?P<at>\|\|)\s*", OR, " or "),
    mistake(r"(?<!\s)\s*(?P<at>&&)\s*", AND, " "),
]

MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
WRITTEN_DATE = rf"{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\s*,\s*\d{{4}}"

# For text that can't be parsed. The first that matches where the parser stopped is used.
SYNTAX_MISTAKES = [
    *OPERATORS,
    mistake(
        rf"(?P<before>[:=<>]\s*)(?P<at>{WRITTEN_DATE})",
        "“{at}” isn't a date the search understands without quotes.",
        '{before}"{at}"',
    ),
    mistake(
        r"(?<=[:=<>])\s*(?P<at>-?\$?\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?![\d,])",
        "Remove the commas from “{at}”.",
        _without_commas,
    ),
    mistake(
        rf"{NAME}\s*[:=]\s*(?P<at>\(\d{{3}}\)\s*\d{{3}}[\s.-]*\d{{4}})",
        "Put “{at}” in quotes.",
        '{name}:"{at}"',
    ),
    mistake(
        rf"{NAME}\s*[:=]\s*(?P<at>\((?P<inside>[^()]*)\))",
        "Write several values as a list, or put several words in quotes.",
        _in_parentheses,
    ),
    mistake(
        rf"{NAME}\s+(?P<negated>not\s+)?in\s*\((?P<at>(?P<inside>[^()]*))\)",
        "Separate the values in a list with commas. Put values with spaces in quotes.",
        _list_without_commas,
    ),
    mistake(
        rf"{NAME}\s+in\s+(?P<at>{LIST}+)",
        "Put the values in parentheses.",
        lambda match: [_listed(match["name"], _values(match["at"]))],
    ),
    mistake(
        rf"\b(?:sort|order)\s*(?::|\s+by\s)\s*(?P<at>(?P<keys>{VALUE}\s+(?:asc|desc)\w*\b.*))",
        "Use a minus sign for descending order.",
        _sorted,
    ),
    mistake(r"(?<![,;])(?P<at>[,;]+)\s*$", "Remove the “{at}” at the end.", ""),
    mistake(
        rf"{NAME}\s*[:=]\s*(?P<at>(?P<inside>{LIST}+))",
        "Write several values as a list.",
        _commas,
    ),
    mistake(r"(?<!\s)\s*(?P<at>,)\s*", "Use commas only to separate values in a list.", " "),
]

# For a bare word that is the name of a search field.
FIELD_MISTAKES = [
    mistake(
        rf"{NAME}\s+(?:is\s+)?between\s+(?P<low>{VALUE})\s+and\s+(?P<high>{VALUE})",
        "Write a range with two dots.",
        _range,
    ),
    mistake(
        rf"{NAME}\s+(?:is\s+)?(?:with)?in\s+(?:the\s+)?(?:last\s+|past\s+)?(?P<length>\d+\s+{UNIT})",
        "Write an age with < and “ago”.",
        _age,
    ),
    mistake(
        rf"{NAME}\s+(?:(?:is\s+)?not\s+(?:null|empty|blank|none)|exists|is\s+set)\b",
        "Use * for any value.",
        "{name}:*",
    ),
    mistake(rf"{NAME}\s+(?:is\s+)?(?:null|empty|blank)\b", 'Use "" for no value.', '{name}:""'),
    mistake(
        rf"{NAME}\s+(?:is\s+not|not|isn't)\s+(?:in\s+)?(?P<value>{VALUE})",
        "Put not in front to exclude a value.",
        "not {name}:{value}",
    ),
    mistake(
        rf"{NAME}\s+(?:is\s+)?(?:like|starts\s+with|begins\s+with)\s+(?P<value>{VALUE})",
        "Use : to find words that begin with a value.",
        _beginning,
    ),
    mistake(
        rf"{NAME}\s+in\s+(?P<values>{VALUE}(?:\s*,\s*{VALUE})*)",
        "Put the values in parentheses.",
        lambda match: [_listed(match["name"], _values(match["values"]))],
    ),
    mistake(
        rf"{NAME}\s+(?:is|equals?|contains?|matches|has)\s+(?P<value>{VALUE})",
        "Use : between a field and its value.",
        "{name}:{value}",
    ),
    mistake(
        rf"{NAME}\s+(?:is\s+)?(?:greater|more|over|after|larger|older)(?:\s+than)?\s+(?P<value>{VALUE})",
        "Use > to compare.",
        "{name} > {value}",
    ),
    mistake(
        rf"{NAME}\s+(?:is\s+)?(?:less|fewer|under|before|smaller|below)(?:\s+than)?\s+(?P<value>{VALUE})",
        "Use < to compare.",
        "{name} < {value}",
    ),
    mistake(
        rf"{NAME}\s+(?P<value>(?!{KEYWORD}){VALUE})(?=[\s)]|$)(?!\s*[:=<>(])",
        "Use : between a field and its value.",
        "{name}:{value}",
        fallback="{name}:* {value}",
    ),
    mistake(
        rf"{NAME}\s+\((?P<inside>[^()]*)\)",
        "Write several values as a list.",
        _in_parentheses,
    ),
    mistake(rf"{NAME}", "Use :* to find any value.", "{name}:*"),
]
GROUP_MISTAKE = mistake(
    rf"{NAME}\s+\(", "Write it without a space before the parenthesis.", "{name}("
)
HAS_MISTAKE = mistake(
    rf"has\s+(?:an?\s+)?(?P<value>{VALUE})",
    "Use : between has and what to look for.",
    "has:{value}",
)
SORT_MISTAKE = mistake(
    rf"\bsort\s*:\s*(?P<keys>{VALUE}(?:\s*,\s*{VALUE})*\s+(?P<at>(?:asc|desc)(?:ending)?)\b)",
    "“{at}” was searched as a word. Use a minus sign for descending order.",
    _sorted,
)
CUSTOM_FIELD_MISTAKE = mistake(
    r'custom\.\s*"(?P<label>[^"]*)"', "Put the whole name in quotes.", '"custom.{label}"'
)
# For text before an operator that isn't a field.
URL_MISTAKE = mistake(
    r"(?P<at>\w+://[^\s\"()]+)",
    "Put a web address in quotes.",
    lambda match: [quoted(match["at"]), quoted(match["at"].partition("://")[2])],
)
DOT_MISTAKE = mistake(
    rf"(?P<group>[^\W\d]\w*)\.(?P<rest>[\w.]+\s*(?:!=|<=|>=|[:=<>])\s*{VALUE})",
    "Use parentheses to search related rows.",
    "{group}({rest})",
)


def find_matches(
    pattern: re.Pattern[str], text: str, place: int | None = None
) -> Iterator[re.Match[str]]:
    """Yield matches outside quotes. With a `place`, only those whose mark is there."""
    inside: list[tuple[int, int]] = []
    for match in pattern.finditer(text):
        if place is not None and not match.start("at") <= place <= match.end("at"):
            continue
        inside = inside or [span.span() for span in re.finditer(QUOTED, text)]
        if not any(start < match.start() < end for start, end in inside):
            yield match


def mistake_at(text: str, place: int) -> Problem | None:
    """Return the known mistake that stopped the parser here, or None."""
    for each in SYNTAX_MISTAKES:
        for match in find_matches(each.pattern, text, place):
            problem = each.problem(Code.UNEXPECTED, text, match)
            if problem.fixes:
                return problem
    return None


def match_mistake(each: Mistake, text: str, place: int, code: Code) -> Problem | None:
    """Return the problem if this mistake begins here, or None."""
    match = each.pattern.match(text, place)
    return each.problem(code, text, match) if match else None
