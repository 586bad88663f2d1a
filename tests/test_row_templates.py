"""Rows that are filled in: what comes from people can't break out of its place."""

from dataclasses import dataclass

import pytest
from django.template import Template
from django.utils.safestring import mark_safe

from smscenter.rendering import row_templates
from smscenter.rendering.row_templates import render_rows

pytestmark = pytest.mark.once

HOSTILE = '%(pk)s 100% <b>"\x02pk\x03{{ pk }}'


@dataclass(frozen=True)
class Row:
    kind: tuple[bool, ...]
    pk: int
    name: str = "Ada"

    @property
    def hidden(self) -> str:
        raise AssertionError("Nothing shows this.")


def rendered(monkeypatch: pytest.MonkeyPatch, source: str, *rows: Row) -> str:
    loaded = type("Loaded", (), {"template": Template(source)})
    monkeypatch.setattr(row_templates, "get_template", lambda _name: loaded)
    return render_rows("_row.html", rows)


SOURCE = """{% if kind.0 %}<i title="50%">{{ row.pk }}</i>{% endif %}{{ row.name }};\
{% if kind.1 %}{{ row.hidden }}{% endif %}"""


def test_each_row_has_its_values_in_the_html_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Row((True, False), 1), Row((False, False), 2, "Bo"), Row((True, False), 3, "Cy")
    html = '<i title="50%">1</i>Ada;Bo;<i title="50%">3</i>Cy;'
    assert rendered(monkeypatch, SOURCE, *rows) == html


def test_values_are_escaped_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Row((False, False), 1, HOSTILE), Row((False, False), 2, mark_safe("<b>&amp;"))
    escaped = "%(pk)s 100% &lt;b&gt;&quot;\x02pk\x03{{ pk }}"
    assert rendered(monkeypatch, SOURCE, *rows) == f"{escaped};<b>&amp;;"


def test_a_condition_cannot_depend_on_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "{% if row.name %}x{% endif %}"
    with pytest.raises(TypeError, match="name is a row's value"):
        rendered(monkeypatch, source, Row((), 1))
