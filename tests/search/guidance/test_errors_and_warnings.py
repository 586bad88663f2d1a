"""Test errors and warnings: each has a stable code, a position, and a fix if possible."""

from collections.abc import Callable
from datetime import datetime

import pytest

from leads.models import Lead
from search import QueryError, run
from search.language.errors import Problem
from smscenter.accounts.models import User

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("acme", "customs")]

ERRORS = [
    # query, code, start, end, a part of the message or hint, fix
    ("statsu:potential", "unknown_field", 0, 6, "Did you mean `status`?", "status:potential"),
    ("sms(stats:error)", "unknown_field", 4, 9, "status", "sms(status:error)"),
    ("custom.Nothing:1", "unknown_field", 0, 14, "isn't a search field", ""),
    ("sort:nam", "unknown_field", 5, 8, "name", "sort:name"),
    ("status:opne", "unknown_value", 7, 11, "Valid values: Potential, Bad Fit", ""),
    ("status in (potential, opne)", "unknown_value", 22, 26, "opne", ""),
    ("owner:nobody", "unknown_value", 6, 12, "No user named “nobody” in your organization", ""),
    ('in:"Unknown view"', "unknown_value", 3, 17, "no view named “Unknown view”", ""),
    ("has:nonsense", "unknown_value", 4, 12, "isn't a search field", "has:notes"),
    ("call(date:today)", "not_tracked", 0, 4, "Calls aren't tracked here", ""),
    ("has:calls", "not_tracked", 4, 9, "You can search texts, notes", ""),
    ("opportunity:won", "not_tracked", 0, 11, "Opportunities aren't tracked here", ""),
    ("failed_sms > many", "bad_number", 13, 17, "isn't a number", ""),
    ("created:2026-13-40", "bad_date", 8, 18, "3 days ago", ""),
    ("created > soon", "bad_date", 10, 14, "isn't a date", ""),
    ("phone:abc", "bad_phone", 6, 9, "area code", ""),
    ("name > 3", "bad_operator", 0, 8, "can't be compared with >", "name:3"),
    ("failed_sms:", "missing_value", 11, 11, "for example `failed_sms > 1`", ""),
    ("created >", "missing_value", 9, 9, "for example `created > 3 days ago`", ""),
    ("has:", "missing_value", 4, 4, "for example `has:sms`", ""),
    ("status:", "missing_value", 7, 7, "Add a value after “:”, for example `status:Potential`", ""),
    ("failed_sms > 1 or", "missing_value", 17, 17, "Add a term after “or”", "failed_sms > 1"),
    ("(a or b", "unclosed_parenthesis", 0, 1, "never closed", "(a or b)"),
    ('name:"open', "unclosed_quote", 5, 6, "never closed", 'name:"open"'),
    ("a)", "unexpected", 1, 2, "never opened", "a"),
    ('"x":"y""', "unexpected", 7, 8, "quotation mark", ""),
    ("limit:0", "bad_number", 6, 7, "whole number, 1 or more", ""),
    ("slice:3/2", "bad_number", 6, 9, "slice:2/10", ""),
]

WARNINGS = [
    ("name:Bruce Wayne", "unquoted_words", 5, 16, 'name:"Bruce Wayne"'),
    ("name:'Wayne Enterprises'", "single_quotes", 5, 24, 'name:"Wayne Enterprises"'),
    (
        'status:Potential status:"Bad Fit"',
        "never_matches",
        17,
        33,
        'status in (Potential, "Bad Fit")',
    ),
]

GetError = Callable[[str], Problem]


@pytest.fixture
def query_error(rep: User, now: datetime) -> GetError:
    def query_error(text: str) -> Problem:
        with pytest.raises(QueryError) as raised:
            run("lead", text, rep, now)
        return raised.value.problem

    return query_error


@pytest.mark.parametrize(
    ("text", "code", "start", "end", "expected", "fix"), ERRORS, ids=[row[0] for row in ERRORS]
)
def test_an_error_has_a_code_a_position_and_a_fix(
    query_error: GetError, text: str, code: str, start: int, end: int, expected: str, fix: str
) -> None:
    problem = query_error(text)

    assert (problem.code, problem.start, problem.end) == (code, start, end)
    assert expected in f"{problem.message} {problem.hint}"
    assert problem.fix == fix


@pytest.mark.parametrize(
    "text",
    [
        "statsu:potential",
        "failed_sms > 1 or",
        "(a or b",
        'name:"open',
        "a)",
        "name > 3",
        "sort:nam",
    ],
)
def test_every_fix_runs(rep: User, query_error: GetError, text: str) -> None:
    run("lead", query_error(text).fix, rep)


@pytest.mark.parametrize(
    ("text", "code", "start", "end", "fix"), WARNINGS, ids=[row[1] for row in WARNINGS]
)
def test_a_query_with_a_warning_runs_and_has_a_fix(
    rep: User, text: str, code: str, start: int, end: int, fix: str
) -> None:
    result = run("lead", text, rep)

    [warning] = result.warnings
    assert (warning.code, warning.start, warning.end, warning.fix) == (code, start, end, fix)
    list(result.rows)  # A query with a warning runs.
    assert not run("lead", fix, rep).warnings


@pytest.mark.parametrize("text", [row[0] for row in ERRORS])
def test_a_problem_is_inside_the_text(query_error: GetError, text: str) -> None:
    problem = query_error(text)

    assert 0 <= problem.start <= problem.end <= len(text)
    assert problem.message.endswith((".", "?"))


def test_values_of_another_organization_are_never_revealed(
    rep: User, stranger: User, query_error: GetError
) -> None:
    problem = query_error(f"owner:{stranger.username}x")

    assert stranger.username not in problem.hint
    assert not Lead.objects.visible_to(stranger).exists()
