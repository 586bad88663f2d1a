"""What people write of other languages, or by mistake, and what they meant by it.

Each mistake is a pattern of text outside of quotes and the texts that may stand for it. These are
guesses: `search.fixes` offers only those that are a query. Where several stand, the likelier comes
first; `otherwise` is for where none of the others is a query.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from search.language.errors import Code, Problem, put
from search.language.tree import as_value, quoted

QUOTED = r'(?<!\\)"(?:[^"\\]|\\[\s\S])*"'
PLAIN = r'[^\s"(),:=<>]+'
VALUE = rf"(?:{QUOTED}|{PLAIN})"
NAME = rf"(?P<name>{QUOTED}|(?<![\w.])[^\W\d]\w*(?:\.\w+)*)"
LIST = rf"{VALUE}(?:\s*,\s*{VALUE})"
KEYWORD = r"(?:and|or|not|has|in|sort|limit|slice)(?:[\s:()]|$)"
UNITS = r"(?:min|minute|hour|day|week|month|year)s?"

Rewrite = Callable[[re.Match[str]], Sequence[str]]


@dataclass(frozen=True)
class Mistake:
    """`at` names the group of the pattern that is marked; the whole match is replaced."""

    pattern: re.Pattern[str]
    message: str
    rewrite: Rewrite
    otherwise: Rewrite = lambda _: ()
    hint: str = ""

    def problem(self, code: Code, text: str, match: re.Match[str]) -> Problem:
        start, end = match.span("at") if "at" in self.pattern.groupindex else match.span()
        named = {**match.groupdict(), "at": text[start:end]}
        message, hint = self.message.format(**named), self.hint.format(**named)
        fixes, others = (
            [put(text, *match.span(), each) for each in rewrite(match)]
            for rewrite in (self.rewrite, self.otherwise)
        )
        return Problem(code, message, start, end, hint).offering(*fixes).or_else(*others)


def mistake(pattern: str, message: str, rewrite: Rewrite | str, **more: Rewrite | str) -> Mistake:
    """A text for what to put is a template of the pattern's groups."""
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
    """What `or`, a bar or a comma parts; in quotes where it is of several words."""
    parts = re.split(r"\s*(?:,|\|+|\bor\b)\s*", inside.strip(), flags=re.IGNORECASE)
    return [part if re.fullmatch(VALUE, part) else quoted(part) for part in parts if part]


def _in_parentheses(match: re.Match[str]) -> list[str]:
    """`status:(a or b)` is a list; `name:(menlo park)` is a phrase, or a list."""
    name, inside = match["name"], match["inside"].strip()
    parts, values = _parts(inside), _values(inside)
    if not values:
        return []
    if len(parts) > 1:
        return [_listed(name, parts)]
    plain = '"' not in inside
    return [f"{name}:{quoted(inside) if plain else inside}", _listed(name, values)]


def _list_without_commas(match: re.Match[str]) -> list[str]:
    """`status in (bad fit, potential)`: quotes are missing, or commas."""
    name = f"{match['name']} {match['negated'] or ''}".strip()
    inside, words = match["inside"], _values(match["inside"])
    if not words:
        return []
    if '"' in inside:
        return [_listed(name, words)]
    return [_listed(name, _parts(inside)), _listed(name, words)]


def _commas(match: re.Match[str]) -> list[str]:
    """`status:a,b` is a list; `name:Doe, John` is rather a phrase."""
    name, inside = match["name"], match["inside"]
    found = [_listed(name, _values(inside))]
    if '"' not in inside:
        found.insert(0 if ", " in inside else 1, f"{name}:{quoted(inside)}")
    return found


def _without_commas(match: re.Match[str]) -> list[str]:
    return [match[0].replace(",", "")]


def _sorted(match: re.Match[str]) -> list[str]:
    """`sort:created desc, name`"""
    keys = re.findall(rf"(-?{VALUE})(?:\s+(asc|desc)(?:ending)?\b)?", match["keys"], re.IGNORECASE)
    turned = [f"-{key}" if way.lower() == "desc" and key[0] != "-" else key for key, way in keys]
    return [f"sort:{','.join(turned)}"]


def _range(match: re.Match[str]) -> list[str]:
    ends = [match[end].strip('"') for end in ("low", "high")]
    return [f"{match['name']}:{'..'.join(ends)}"]


def _age(match: re.Match[str]) -> list[str]:
    return [f"{match['name']} < {match['length']} ago"]


def _beginning(match: re.Match[str]) -> list[str]:
    """`like "pot%"`: a word that begins so is what `:` finds."""
    value = match["value"].strip('"').strip("%*")
    return [f"{match['name']}:{as_value(value)}"] if value else []


OR, AND = "“{at}” isn't an operator. Use or.", "“{at}” isn't an operator. A space means and."
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

# Where no query is made: the first that stands where the parser stopped.
REFUSED = [
    *OPERATORS,
    mistake(
        rf"(?P<before>[:=<>]\s*)(?P<at>{WRITTEN_DATE})",
        "“{at}” isn't a date the search understands without quotes.",
        '{before}"{at}"',
    ),
    mistake(
        r"(?<=[:=<>])\s*(?P<at>-?\$?\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?![\d,])",
        "Leave out the commas in “{at}”.",
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

# Where a word that stands alone is a search field.
ABOUT_FIELD = [
    mistake(
        rf"{NAME}\s+(?:is\s+)?between\s+(?P<low>{VALUE})\s+and\s+(?P<high>{VALUE})",
        "Write a range with two dots.",
        _range,
    ),
    mistake(
        rf"{NAME}\s+(?:is\s+)?(?:with)?in\s+(?:the\s+)?(?:last\s+|past\s+)?(?P<length>\d+\s+{UNITS})",
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
        otherwise="{name}:* {value}",
    ),
    mistake(
        rf"{NAME}\s+\((?P<inside>[^()]*)\)",
        "Write several values as a list.",
        _in_parentheses,
    ),
    mistake(rf"{NAME}", "Use :* to find any value.", "{name}:*"),
]
ABOUT_GROUP = mistake(
    rf"{NAME}\s+\(", "Write it without a space before the parenthesis.", "{name}("
)
ABOUT_HAS = mistake(
    rf"has\s+(?:an?\s+)?(?P<value>{VALUE})",
    "Use : between has and what to look for.",
    "has:{value}",
)
ORDERED = mistake(
    rf"\bsort\s*:\s*(?P<keys>{VALUE}(?:\s*,\s*{VALUE})*\s+(?P<at>(?:asc|desc)(?:ending)?)\b)",
    "“{at}” was searched as a word. Use a minus sign for descending order.",
    _sorted,
)
CUSTOM = mistake(
    r'custom\.\s*"(?P<label>[^"]*)"', "Put the whole name in quotes.", '"custom.{label}"'
)
# Of what stands before an operator and is no field.
URL = mistake(
    r"(?P<at>\w+://[^\s\"()]+)",
    "Put a web address in quotes.",
    lambda match: [quoted(match["at"]), quoted(match["at"].partition("://")[2])],
)
DOTTED = mistake(
    rf"(?P<group>[^\W\d]\w*)\.(?P<rest>[\w.]+\s*(?:!=|<=|>=|[:=<>])\s*{VALUE})",
    "Use parentheses to search related rows.",
    "{group}({rest})",
)


def matches(
    pattern: re.Pattern[str], text: str, place: int | None = None
) -> Iterator[re.Match[str]]:
    """Those that do not begin inside of quotes; at a place, those whose mark is there."""
    inside: list[tuple[int, int]] = []
    for match in pattern.finditer(text):
        if place is not None and not match.start("at") <= place <= match.end("at"):
            continue
        inside = inside or [span.span() for span in re.finditer(QUOTED, text)]
        if not any(start < match.start() < end for start, end in inside):
            yield match


def refused_at(text: str, place: int) -> Problem | None:
    """The mistake that stopped the parser here, if it is a known one."""
    for each in REFUSED:
        for match in matches(each.pattern, text, place):
            problem = each.problem(Code.UNEXPECTED, text, match)
            if problem.fixes:
                return problem
    return None


def standing_at(each: Mistake, text: str, place: int, code: Code) -> Problem | None:
    """The problem of a mistake that begins here."""
    match = each.pattern.match(text, place)
    return each.problem(code, text, match) if match else None
