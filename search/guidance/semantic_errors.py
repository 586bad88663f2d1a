"""Why a query can't be compiled: what a value, a field or an operator was probably meant to be."""

import re
from collections.abc import Callable, Iterator, Sequence

from search.language.errors import Code, Problem, put
from search.language.mistakes import DOTTED, KEYWORD, PLAIN, URL, standing_at
from search.language.tree import Comparison, Name, Value, as_value
from search.words.choice_fields import Choice
from search.words.context import Searcher
from search.words.fields import Field, ReadingError, Spelling
from search.words.vocabulary import Vocabulary, nearest

# Words that go on after a value, none of which begins a term of its own.
GOES_ON = re.compile(rf"[ \t]+(?!{KEYWORD}){PLAIN}(?=[\s),;]|$)(?!\s*[:=<>(])", re.IGNORECASE)
LONGEST = 5  # words
COUNTED = ("two", "three", "four", "five")
Meant = Callable[[str, bool], Sequence[Spelling]]


def stretches(text: str, value: Value) -> Iterator[tuple[str, int]]:
    """The value with the words that follow it, the most first, and where they end."""
    ends = [value.end]
    while not value.quoted and len(ends) < LONGEST and (more := GOES_ON.match(text, ends[-1])):
        ends.append(more.end())
    for end in reversed(ends[1:]):
        yield text[value.start : end], end
    yield value.text, value.end


def misread(
    text: str, error: ReadingError, value: Value, meant: Meant, node: Comparison | None = None
) -> Problem:
    """The problem of a value that its field can't read."""
    problem = Problem(error.code, error.message, value.start, value.end, error.hint)
    if node and (negated := excluded(text, value, node)):
        return problem.offering(negated)
    for said, end in stretches(text, value):
        found = meant(said, end != value.end or error.code == Code.BAD_DATE)
        if not found:
            continue
        problem = Problem(error.code, error.message, value.start, end, error.hint)
        queries = [_query(text, each, value.start, end, node) for each in found]
        return _named(problem, said, found, is_longer=end != value.end).offering(*queries)
    return problem


def excluded(text: str, value: Value, node: Comparison) -> str:
    """`status:-potential` is `not status:potential`."""
    if value.quoted or node.operator not in {":", "="} or not re.match("[-!]", value.text):
        return ""
    if not value.text[1:2].isalpha():
        return ""
    rest = text[node.start : value.start] + text[value.start + 1 : value.end]
    return put(text, node.start, value.end, f"not {rest}")


def _query(text: str, meant: Spelling, start: int, end: int, node: Comparison | None) -> str:
    if not meant.operator or node is None:
        return put(text, start, end, meant.value)
    operator = ":" if meant.operator == ":" else f" {meant.operator} "
    return put(text, node.start, end, f"{node.name}{operator}{meant.value}")


def _named(problem: Problem, said: str, found: Sequence[Spelling], *, is_longer: bool) -> Problem:
    message, hint = problem.message, problem.hint
    if is_longer and problem.code == Code.UNKNOWN_VALUE:
        count = len(said.split())
        label = found[0].value.strip('"')
        message = f"“{label}” is {COUNTED[count - 2]} words. Put it in quotes."
        if " " not in label:
            message = f"Write “{said}” as `{label}`."
        hint = ""
    elif is_longer:
        message = re.sub("“.*”", lambda _: f"“{said}”", message)
    elif problem.code == Code.UNKNOWN_VALUE:
        hint = f"Did you mean {' or '.join(each.value for each in found)}? {hint}".strip()
    return Problem(problem.code, message, problem.start, problem.end, hint)


def elsewhere(text: str, node: Comparison, vocabulary: Vocabulary, searcher: Searcher) -> list[str]:
    """`status:error` of a lead is that of one of its texts: `sms(status:error)`."""
    found = []
    for group in vocabulary.groups:
        field = group.vocabulary.field(node.name.text, searcher)
        if field and _reads(field, node, searcher):
            wrapped = f"{group.all_names[0]}({text[node.start : node.end]})"
            found.append(put(text, node.start, node.end, wrapped))
    return found


def _reads(field: Field, node: Comparison, searcher: Searcher) -> bool:
    if not isinstance(field, Choice):
        return True
    try:
        return bool([field.option(value, searcher) for value in node.values])
    except ReadingError:
        return False


def bad_operator(text: str, node: Comparison) -> Problem:
    message = f"“{node.name}” can't be compared with {node.operator}."
    fixed = f"{node.name}:{node.value}"
    problem = Problem(Code.BAD_OPERATOR, message, node.start, node.end, f"Use `{fixed}`.")
    return problem.putting(text, fixed)


def unknown(
    text: str, node: Name | Value, names: Sequence[str], before: str, vocabulary: Vocabulary
) -> Problem:
    """A name that is not of this vocabulary: one of other systems, or mistyped."""
    if meaning := vocabulary.not_kept(node.text):
        return not_tracked(text, node, meaning, vocabulary)
    code = Code.UNKNOWN_VALUE if before else Code.UNKNOWN_FIELD
    is_group = bool(vocabulary.group(node.text.partition(".")[0]))
    known = () if before else (URL, DOTTED) if is_group else (URL,)
    for each in known:
        if problem := standing_at(each, text, node.start, code):
            return problem
    near = nearest(node.text, names, 1)
    message = f"“{before}{node.text}” isn't a search field."
    hint = f"Did you mean `{before}{near[0]}`?" if near else "See the list of search fields."
    problem = Problem(code, message, node.start, node.end, hint)
    opens = text[node.end :].startswith("(")
    fixed = [name if opens else str(Name(0, 0, name)) for name in near]
    return problem.putting(text, *fixed)


def not_tracked(text: str, node: Name | Value, meaning: str, vocabulary: Vocabulary) -> Problem:
    message = f"{meaning[0].upper()}{meaning[1:]} aren't tracked here (“{node.text}”)."
    instead = vocabulary.instead.get(node.text.lower(), "")
    also = f" Did you mean `{instead}`?" if instead else ""
    hint = f"You can search {vocabulary.kept}.{also}"
    problem = Problem(Code.NOT_TRACKED, message, node.start, node.end, hint)
    return problem.putting(text, instead) if instead else problem


def has_meant(vocabulary: Vocabulary, searcher: Searcher) -> Meant:
    names = vocabulary.has_names(searcher)

    def meant(text: str, exact: bool) -> Sequence[Spelling]:
        name = "_".join(text.strip("'").lower().split())
        return [Spelling(name)] if name in names and (exact or name != text) else []

    return meant


def view_meant(names: dict[str, str]) -> Meant:
    """Of views by their names in small letters."""

    def meant(text: str, exact: bool) -> Sequence[Spelling]:
        text = text.strip("'").lower()
        if text in names:
            return [Spelling(as_value(names[text]))]
        return [] if exact else [Spelling(as_value(names[near])) for near in nearest(text, names)]

    return meant
