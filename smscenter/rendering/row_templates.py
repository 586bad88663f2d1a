"""Rows of long lists: a template is rendered once for each kind of row, and filled in for each row.

Django takes microseconds for each variable and condition, and a page of rows has thousands. Rows of
one kind differ only in values, so the template is rendered with placeholders for these. The result
is kept for everyone, so it has nothing of a person: what a condition depends on is in the kind,
`{% if kind.is_failed %}`, and values are shown as they are, `{{ row.name }}`.
"""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Protocol

from django.template import Context, Template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

# Control characters around a name. No template has them.
PLACEHOLDER = re.compile("\x02(\\w+)\x03")
SAFE = (SafeString, int)


class ListRow(Protocol):
    """A row with a kind, and with an attribute for each value of its template."""

    @property
    def kind(self) -> Hashable: ...


def render_rows(name: str, rows: Iterable[ListRow]) -> SafeString:
    """Render a template for each row, with its `kind` and its values as `row`."""
    loaded: Any = get_template(name)
    filled = [_outline(loaded.template, row.kind).fill(row) for row in rows]
    return mark_safe("".join(filled))  # noqa: S308 - each value is escaped


def render_in(context: Context, name: str, **values: object) -> SafeString:
    """Render a template in the context of a page: for parts that few rows have."""
    loaded: Any = get_template(name)
    with context.push(**values):
        rendered: SafeString = loaded.template.render(context)
    return rendered


@dataclass(frozen=True)
class _Outline:
    """The HTML of rows of one kind, with `%(name)s` for each value."""

    html: str
    names: frozenset[str]

    def fill(self, row: ListRow) -> str:
        return self.html % {name: _escaped(getattr(row, name)) for name in self.names}


@lru_cache(maxsize=1_000)  # By template, because another one is loaded after a file has changed.
def _outline(template: Template, kind: Hashable) -> _Outline:
    html = template.render(Context({"kind": kind, "row": _Placeholders()})).replace("%", "%%")
    names = frozenset(PLACEHOLDER.findall(html))
    return _Outline(PLACEHOLDER.sub(r"%(\1)s", html), names)


def _escaped(value: object) -> str:
    """Do the same as `conditional_escape`, which takes five times as long."""
    if isinstance(value, SAFE):
        return str(value)
    return escape(str(value))


class _Placeholders:
    def __getitem__(self, name: str) -> "_Placeholder":
        return _Placeholder(f"\x02{name}\x03")


class _Placeholder(SafeString):
    def __bool__(self) -> bool:
        raise TypeError(f"{self[1:-1]} is a row's value, so no condition can depend on it.")
