"""Provide shortcuts for the results and errors of lead queries."""

import pytest

from search import QueryError, run
from search.language.errors import Problem
from smscenter.accounts.models import User
from tests.search.conftest import NOW


def names(text: str, rep: User) -> list[str]:
    return sorted(lead.name for lead in run("lead", text, rep, NOW).rows)


def query_error(text: str, rep: User) -> Problem:
    with pytest.raises(QueryError) as raised:
        run("lead", text, rep, NOW)
    return raised.value.problem
