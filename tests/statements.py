"""Find statements that a database split by organization would send to every machine."""

import re
from collections.abc import Callable
from typing import Any

from django.apps import apps

from smscenter.accounts.models import Owned

OWNED = {model._meta.db_table for model in apps.get_models() if issubclass(model, Owned)}
TABLES = re.compile(r'(?:FROM|JOIN|UPDATE) "(\w+)"')
COMPARED = re.compile(r'"organization_id"\)? (?:=|IN) ')


class Statements:
    """A wrapper for `connection.execute_wrapper` that notes such statements."""

    def __init__(self) -> None:
        self.without_organization: set[str] = set()

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if OWNED.intersection(TABLES.findall(sql)) and not COMPARED.search(sql):
            self.without_organization.add(sql)
        return execute(sql, params, many, context)
