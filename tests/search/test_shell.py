"""Test `manage.py search`: its output and its exit code."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories


@pytest.fixture
def bakery(rep: User) -> Lead:
    return factories.lead(rep, "Bluebird Bakery")


def search(*arguments: str) -> tuple[int, str, str]:
    """Run the command. Return its exit code, stdout, and stderr."""
    out, errors = StringIO(), StringIO()
    user_options = ["--organization", "acme", "--user", "rita"]
    try:
        call_command("search", *arguments, *user_options, stdout=out, stderr=errors)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue(), errors.getvalue()
    return 0, out.getvalue(), errors.getvalue()


def as_json(*arguments: str) -> tuple[int, dict[str, Any]]:
    code, output, _ = search(*arguments, "--format", "json")
    return code, json.loads(output)


def test_a_result_as_json(bakery: Lead) -> None:
    code, result = as_json("bluebird")

    assert code == 0
    assert result == {
        "query": "bluebird",
        "interpretation": 'Leads with a word that begins with "bluebird"',
        "count": 1,
        "ids": [bakery.pk],
        "names": ["Bluebird Bakery"],
        "warnings": [],
    }


def test_an_error_as_json(bakery: Lead) -> None:
    code, result = as_json("statsu:new")

    assert code == 2
    assert result["error"] == {
        "code": "unknown_field",
        "message": "“statsu” isn't a search field.",
        "start": 0,
        "end": 6,
        "hint": "Did you mean `status`?",
        "fix": "status:new",
        "fixes": ["status:new"],
    }


def test_a_warning_as_json(bakery: Lead) -> None:
    _, result = as_json("name:Bluebird Bakery")

    assert [warning["code"] for warning in result["warnings"]] == ["unquoted_words"]
    assert result["names"] == ["Bluebird Bakery"]


def test_a_result_as_a_table(bakery: Lead) -> None:
    code, output, _ = search("bluebird")

    assert code == 0
    assert "Bluebird Bakery" in output
    assert "1 found" in output


def test_an_error_as_text(bakery: Lead) -> None:
    code, output, errors = search("statsu:new")

    assert code == 2
    assert "Did you mean `status`?" in output + errors


def test_a_limit_applies_to_rows_but_not_to_the_count(rep: User) -> None:
    for number in range(5):
        factories.lead(rep, f"Lead {number}")

    _, result = as_json("sort:-name", "--limit", "2")

    assert result["names"] == ["Lead 4", "Lead 3"]
    assert result["count"] == 5


def test_messages_can_be_searched(bakery: Lead) -> None:
    message = factories.message(bakery, status="error", reason="spam")

    _, result = as_json("status:error", "--model", "message")

    assert result["ids"] == [message.pk]


def test_sql_and_plan_go_to_stderr(bakery: Lead) -> None:
    code, output, errors = search("bluebird", "--format", "json", "--sql", "--explain")

    assert code == 0
    assert json.loads(output)["count"] == 1
    assert "SELECT" in errors


def test_only_rows_visible_to_the_user_are_found(bakery: Lead, stranger: User) -> None:
    factories.lead(stranger, "Bluebird Rival")

    _, result = as_json("bluebird")

    assert result["names"] == ["Bluebird Bakery"]


def test_an_unknown_user_is_an_error(bakery: Lead, stranger: User) -> None:
    with pytest.raises(CommandError, match="No user sam"):
        call_command("search", "x", "--organization", "acme", "--user", "sam")
