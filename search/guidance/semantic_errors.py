"""Explain why a query can't be compiled, and suggest values, fields, and operators."""

import re
from collections.abc import Callable, Iterator, Sequence

from search.language.errors import Code, Problem, replace_span
from search.language.mistakes import DOT_MISTAKE, KEYWORD, PLAIN, URL_MISTAKE, match_mistake
from search.language.tree import Comparison, Name, Value, as_value
from search.words.choice_fields import ChoiceField
from search.words.context import SearchContext
from search.words.fields import Field, ReadingError, Replacement
from search.words.vocabulary import Vocabulary, nearest

# Words that continue a value: none of them begins another term.
GOES_ON = re.compile(rf"[ \t]+(?!{KEYWORD}){PLAIN}(?=[\s),;]|$)(?!\s*[:=<>(])", re.IGNORECASE)
MOST_WORDS = 5
FindReplacements = Callable[[str, bool], Sequence[Replacement]]


def longer_values(text: str, value: Value) -> Iterator[tuple[str, int]]:
    """Yield the value with the words that follow it, longest first, and where they end."""
    ends = [value.end]
    while not value.quoted and len(ends) < MOST_WORDS and (more := GOES_ON.match(text, ends[-1])):
        ends.append(more.end())
    for end in reversed(ends[1:]):
        yield text[value.start : end], end
    yield value.text, value.end


def unreadable_value(
    text: str,
    error: ReadingError,
    value: Value,
    find: FindReplacements,
    node: Comparison | None = None,
) -> Problem:
    """Return the problem for a value that its field can't read."""
    problem = Problem(error.code, error.message, value.start, value.end, error.hint)
    if node and (negated := as_exclusion(text, value, node)):
        return problem.with_fixes(negated)
    for typed, end in longer_values(text, value):
        found = find(typed, end != value.end or error.code == Code.BAD_DATE)
        if not found:
            continue
        problem = Problem(error.code, error.message, value.start, end, error.hint)
        queries = [_rewrite(text, each, value.start, end, node) for each in found]
        return _with_reading(problem, typed, found, is_longer=end != value.end).with_fixes(*queries)
    return problem


def as_exclusion(text: str, value: Value, node: Comparison) -> str:
    """Rewrite `status:-potential` as `not status:potential`."""
    if value.quoted or node.operator not in {":", "="} or not re.match("[-!]", value.text):
        return ""
    if not value.text[1:2].isalpha():
        return ""
    rest = text[node.start : value.start] + text[value.start + 1 : value.end]
    return replace_span(text, node.start, value.end, f"not {rest}")


def _rewrite(
    text: str, replacement: Replacement, start: int, end: int, node: Comparison | None
) -> str:
    if not replacement.operator or node is None:
        return replace_span(text, start, end, replacement.value)
    operator = ":" if replacement.operator == ":" else f" {replacement.operator} "
    return replace_span(text, node.start, end, f"{node.name}{operator}{replacement.value}")


def _with_reading(
    problem: Problem, typed: str, found: Sequence[Replacement], *, is_longer: bool
) -> Problem:
    message, hint = problem.message, problem.hint
    if is_longer and problem.code == Code.UNKNOWN_VALUE:
        label = found[0].value.strip('"')
        message = f"Put “{label}” in quotes." if " " in label else f"Write “{typed}” as `{label}`."
        hint = ""
    elif is_longer:
        message = re.sub("“.*”", lambda _: f"“{typed}”", message)
    elif problem.code == Code.UNKNOWN_VALUE:
        hint = f"Did you mean {' or '.join(each.value for each in found)}? {hint}".strip()
    return Problem(problem.code, message, problem.start, problem.end, hint)


def in_groups(
    text: str, node: Comparison, vocabulary: Vocabulary, context: SearchContext
) -> list[str]:
    """Return queries with the term in a group that has this field: `sms(status:error)`."""
    found = []
    for group in vocabulary.groups:
        field = group.vocabulary.field(node.name.text, context)
        if field and _can_read(field, node, context):
            wrapped = f"{group.all_names[0]}({text[node.start : node.end]})"
            found.append(replace_span(text, node.start, node.end, wrapped))
    return found


def _can_read(field: Field, node: Comparison, context: SearchContext) -> bool:
    if not isinstance(field, ChoiceField):
        return True
    try:
        return bool([field.option(value, context) for value in node.values])
    except ReadingError:
        return False


def bad_operator(text: str, node: Comparison) -> Problem:
    message = f"“{node.name}” can't be compared with {node.operator}."
    fixed = f"{node.name}:{node.value}"
    problem = Problem(Code.BAD_OPERATOR, message, node.start, node.end, f"Use `{fixed}`.")
    return problem.with_replacements(text, fixed)


def unknown_name(
    text: str, node: Name | Value, names: Sequence[str], before: str, vocabulary: Vocabulary
) -> Problem:
    """Return the problem for an unknown name: from another product, or mistyped."""
    if noun := vocabulary.untracked_noun(node.text):
        return not_tracked(text, node, noun, vocabulary)
    code = Code.UNKNOWN_VALUE if before else Code.UNKNOWN_FIELD
    is_group = bool(vocabulary.group(node.text.partition(".")[0]))
    known = () if before else (URL_MISTAKE, DOT_MISTAKE) if is_group else (URL_MISTAKE,)
    for each in known:
        if problem := match_mistake(each, text, node.start, code):
            return problem
    near = nearest(node.text, names, 1)
    message = f"“{before}{node.text}” isn't a search field."
    hint = f"Did you mean `{before}{near[0]}`?" if near else "See the list of search fields."
    problem = Problem(code, message, node.start, node.end, hint)
    opens = text[node.end :].startswith("(")
    fixed = [name if opens else str(Name(0, 0, name)) for name in near]
    return problem.with_replacements(text, *fixed)


def not_tracked(text: str, node: Name | Value, noun: str, vocabulary: Vocabulary) -> Problem:
    message = f"{noun[0].upper()}{noun[1:]} aren't tracked here (“{node.text}”)."
    instead = vocabulary.alternatives.get(node.text.lower(), "")
    also = f" Did you mean `{instead}`?" if instead else ""
    hint = f"You can search {vocabulary.tracked}.{also}"
    problem = Problem(Code.NOT_TRACKED, message, node.start, node.end, hint)
    return problem.with_replacements(text, instead) if instead else problem


def has_replacements(vocabulary: Vocabulary, context: SearchContext) -> FindReplacements:
    names = vocabulary.has_names(context)

    def find(text: str, exact: bool) -> Sequence[Replacement]:
        name = "_".join(text.strip("'").lower().split())
        return [Replacement(name)] if name in names and (exact or name != text) else []

    return find


def view_replacements(names: dict[str, str]) -> FindReplacements:
    """Suggest views. `names` maps lowercase names to names."""

    def find(text: str, exact: bool) -> Sequence[Replacement]:
        text = text.strip("'").lower()
        if text in names:
            return [Replacement(as_value(names[text]))]
        return (
            [] if exact else [Replacement(as_value(names[near])) for near in nearest(text, names)]
        )

    return find
