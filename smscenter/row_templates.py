"""Rows of long lists: a template is rendered once for each kind of row, and filled in for each row.

Django takes microseconds for each variable and condition, and a page of rows has thousands. Rows of
one kind differ only in values, so the template is rendered with placeholders for these. The result
is kept for everyone, so it has nothing of a person: what a condition depends on is in the kind,
`{% if kind.is_failed %}`, and values are shown as they are, `{{ row.name }}`.
"""

import re
from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Any, Protocol

from django.template import Context, Template
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

# Control characters around a name. No template has them.
PLACEHOLDER = re.compile("\x02(\\w+)\x03")


class ListRow(Protocol):
    """A row with a kind, and with an attribute for each value of its template."""

    @property
    def kind(self) -> Hashable: ...


def render_rows(name: str, rows: Iterable[ListRow]) -> SafeString:
    """Render a template for each row, with its `kind` and its values as `row`."""
    loaded: Any = get_template(name)
    template = loaded.template
    # Each value is escaped.
    return mark_safe("".join([_outline(template, row.kind) % _Values(row) for row in rows]))  # noqa: S308


@lru_cache(maxsize=1_000)  # By template, because another one is loaded after a file has changed.
def _outline(template: Template, kind: Hashable) -> str:
    """Return the HTML of rows of this kind, with `%(name)s` for each value."""
    html = template.render(Context({"kind": kind, "row": _Placeholders()}))
    return PLACEHOLDER.sub(r"%(\1)s", html.replace("%", "%%"))


class _Placeholders:
    def __getitem__(self, name: str) -> "_Placeholder":
        return _Placeholder(f"\x02{name}\x03")


class _Placeholder(SafeString):
    def __bool__(self) -> bool:
        raise TypeError(f"{self[1:-1]} is a row's value, so no condition can depend on it.")


class _Values:
    """The values of a row. Those of hidden columns aren't read."""

    def __init__(self, row: ListRow) -> None:
        self.row = row

    def __getitem__(self, name: str) -> str:
        return conditional_escape(getattr(self.row, name))
