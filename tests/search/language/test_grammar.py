"""Test the grammar: unambiguous, printable, and raising only QueryError."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import Code, QueryError, parse
from search.language.tree import And, Comparison, Group, Not, Or, Phrase, Query, Value, Word
from tests.search.language.grammar import GrammarError, built, read

pytestmark = pytest.mark.once
# Real queries from forums and help pages.
WILD = [
    "*",
    "sort:created",
    "failed_sms > 1",
    "sms_messages > 0",
    "created <= 30 days ago",
    'sms( date >= "2023-05-01" status:error  direction:outbound )',
    'sms( status:error ) in:"My Smart View"',
    "(sms( status:error )) slice:1/3",
    "status:potential",
    'name:"john doe"',
    "created_by : justin",
    'john "new york"',
    'phone: 415 status: "trial expired" john',
    r'"John said \"Hello world\""',
    "custom.Tags:* sort:created",
    '"custom.Source CRM":* not "custom.Migration completed":* sort:created',
    "sort:created slice:2/10 contacts > 1",
    'phone in ("+18004445555","+16503334444")',
    'email_address:"a@example.com" sort:-contacts,-created',
    "status:qualified or status:customer",
    'date_created < "2 weeks ago" and date_created >= "1 week ago"',
    "status:confirmed limit:5",
    '"custom.International Database ID":12345',
    "has:phone_numbers has:email_addresses",
    "has:error_sms_messages",
    "sms(created:today direction:outgoing status:error)",
    "latest_sms_status:error",
]


def word(text: str) -> Word:
    return Word(0, 0, text)


def test_the_grammar_is_unambiguous() -> None:
    built(strict=True)


def test_not_binds_tighter_than_and_than_or() -> None:
    a, b, c = map(word, "abc")
    assert parse("a or not b c").where == Or(0, 0, (a, And(0, 0, (Not(0, 0, b), c))))
    assert parse("(a or b) and -c").where == And(0, 0, (Or(0, 0, (a, b)), Not(0, 0, c)))


def test_keywords_in_any_case_but_not_inside_words() -> None:
    assert parse("a OR b AND NOT c") == parse("a or b not c")
    assert parse("order android notes").where == And(
        0, 0, tuple(map(word, ("order", "android", "notes")))
    )


def test_spaces_do_not_matter() -> None:
    assert parse("created_by : justin") == parse("created_by:justin")
    assert parse("sms( status:error )") == parse("sms(status:error)")
    assert parse('phone in ("1","2")') == parse('phone  in("1" , "2" )')


def test_a_space_before_a_parenthesis_makes_two_terms() -> None:
    assert isinstance(parse("sms(a)").where, Group)
    assert isinstance(parse("sms (a)").where, And)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("updated >= 2018-07-17T08:21:29", "2018-07-17T08:21:29"),
        ("phone:+14155550123", "+14155550123"),
        ("email:a@b.com", "a@b.com"),
        ("name:O'Brien", "O'Brien"),
        ("created > 14  days ago sort:updated", "14 days ago"),
        ("created:last week", "last week"),
        ("created:more than 2 months ago", "more than 2 months ago"),
        ("value:..5", "..5"),
    ],
)
def test_values_that_need_no_quotes(text: str, value: str) -> None:
    comparison = parse(text).where
    assert isinstance(comparison, Comparison)
    assert comparison.value.text == value


def test_curly_quotes_are_read_as_straight_quotes() -> None:
    assert parse("name:“john doe”") == parse('name:"john doe"')


def test_a_field_name_can_be_quoted() -> None:
    comparison = parse('"custom.Lead Source (Sample)":x').where
    assert isinstance(comparison, Comparison)
    assert comparison.name.text == "custom.Lead Source (Sample)"


def test_directives_can_be_anywhere() -> None:
    assert parse("a sort:-b,c d limit:5 slice:1/3") == parse("slice:1/3 a d sort:-b sort:c limit:5")
    assert parse("sort:name a or b sort:name c").where == parse("(a or b) c").where


def test_terms_have_positions() -> None:
    query = parse('  a sms( status : "x" )')
    assert isinstance(query.where, And)
    first, group = query.where.terms
    assert (first.start, first.end) == (2, 3)
    assert isinstance(group, Group)
    assert (group.start, group.end) == (4, 23)
    assert isinstance(group.where, Comparison)
    assert (group.where.name.start, group.where.name.end) == (9, 15)
    assert (group.where.value.start, group.where.value.end) == (18, 21)


def test_a_phrase_keeps_its_quotes() -> None:
    assert parse(r'"a \"b\" \\ c"').where == Phrase(0, 0, r'a "b" \ c')
    assert parse('x:"*"').where == parse('x:"*"').where
    assert Value(0, 0, "*").is_any
    assert not Value(0, 0, "*", quoted=True).is_any


@pytest.mark.parametrize("text", WILD)
def test_real_queries_print_back(text: str) -> None:
    assert parse(str(parse(text))) == parse(text)


# Invalid queries with their code, and the start and end of the marked text.
BROKEN = [
    ("status:", Code.MISSING_VALUE, 7, 7, ""),
    ("failed_sms > 1 or", Code.MISSING_VALUE, 17, 17, "failed_sms > 1"),
    ("a or or b", Code.MISSING_VALUE, 5, 7, ""),
    ("status in ()", Code.MISSING_VALUE, 11, 12, ""),
    ("(a or b", Code.UNCLOSED_PARENTHESIS, 0, 1, "(a or b)"),
    ("a sms(status:error", Code.UNCLOSED_PARENTHESIS, 5, 6, "a sms(status:error)"),
    ('name:"open', Code.UNCLOSED_QUOTE, 5, 6, 'name:"open"'),
    ("a)", Code.UNEXPECTED, 1, 2, "a"),
    ('"x":"y""', Code.UNEXPECTED, 7, 8, '"x":"y"'),
    (":x", Code.UNEXPECTED, 0, 1, ""),
    ("a, b", Code.UNEXPECTED, 1, 2, "a b"),
    ("failed_sms:>1", Code.UNEXPECTED, 11, 12, "failed_sms >1"),
    ("status in (Bad Fit)", Code.UNEXPECTED, 11, 18, 'status in ("Bad Fit")'),
    ("sms(sort:created)", Code.UNEXPECTED, 4, 8, ""),
    ("limit:1 limit:2", Code.UNEXPECTED, 14, 15, ""),
    ("limit:many", Code.BAD_NUMBER, 6, 10, ""),
    ("slice:3/2", Code.BAD_NUMBER, 6, 9, ""),
]


@pytest.mark.parametrize(("text", "code", "start", "end", "fix"), BROKEN)
def test_an_invalid_query_has_an_explanation(
    text: str, code: Code, start: int, end: int, fix: str
) -> None:
    with pytest.raises(QueryError) as raised:
        parse(text)
    problem = raised.value.problem
    assert (problem.code, problem.start, problem.end) == (code, start, end)
    assert problem.message
    assert problem.fix == fix
    if fix:
        parse(fix)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 10_001, "10,000 characters"),
        ("(" * 21 + "a" + ")" * 21, "20 levels"),
        ("not " * 21 + "a", "20 levels"),
        ("a " * 101, "100 terms"),
        (f"x in ({','.join('1' * 501)})", "500 values"),
    ],
)
def test_limits_have_messages(text: str, expected: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(text)
    assert raised.value.problem.code == Code.TOO_COMPLEX
    assert expected in raised.value.problem.message


def test_queries_at_the_limits_parse() -> None:
    parse("(" * 20 + "a" + ")" * 20)
    parse("a " * 100)
    parse(f"x in ({','.join('1' * 500)})")


PIECES = st.sampled_from(
    [
        *("a", "in", "last", "week", "3", "days", "ago", "less", "than", "name", "sms(", "(", ")"),
        *(":", "=", "<", ">=", "!=", "!", "-", "*", ",", '"', '"b c"', "and", "or", "not", "in ("),
        *("not in (", "sort:", "limit:2", "slice:1/2", "..", "1..2", "null", ".", " ", "\\", "é"),
    ]
)
# `make fuzz` tries many more.
MANY = settings.default.max_examples * 5  # type: ignore[union-attr]
TYPED = st.lists(PIECES, max_size=14).map(" ".join) | st.lists(PIECES, max_size=14).map("".join)


def parsed(text: str) -> Query | None:
    try:
        return parse(text)
    except QueryError as error:
        problem = error.problem
        assert 0 <= problem.start <= problem.end <= len(text)
        return None


def with_positions(node: Any) -> Any:
    """Return a tree as tuples. Nodes ignore their positions when they're compared."""
    if isinstance(node, tuple):
        return tuple(map(with_positions, node))
    if not is_dataclass(node):
        return node
    named = [(field.name, getattr(node, field.name)) for field in fields(node)]
    return type(node).__name__, [(name, with_positions(part)) for name, part in named]


@settings(max_examples=MANY)
@given(TYPED | st.text(max_size=60))
def test_the_parser_agrees_with_the_grammar(text: str) -> None:
    try:
        expected = with_positions(replace(read(text), start=0, end=0))
    except GrammarError:
        expected = None
    query = parsed(text)
    if query is None and ("||" in text or "&&" in text):
        return  # words by the grammar, but refused with an explanation
    assert (with_positions(replace(query, start=0, end=0)) if query else None) == expected


@settings(max_examples=MANY // 3)
@given(TYPED | st.text(max_size=60))
def test_any_text_prints_back_or_raises_query_error(text: str) -> None:
    query = parsed(text)
    if query is not None:
        assert parse(str(query)) == query
