"""Render the usual fields of forms without templates: Django includes one for each attribute list.

The HTML is the same as that of `django/forms/templates`. All other widgets use Django's templates.
"""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from smscenter.rendering.field_errors import NamingBoundField

FOLDER = "django/forms/widgets/"


class FormRenderer(DjangoTemplates):
    bound_field_class = NamingBoundField

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        render = RENDERED.get(template_name)
        if render is None:
            return super().render(template_name, context, request)
        return render(context["widget"])


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = widget["value"]
    shown = "" if value is None else format_html(' value="{}"', str(value))
    attributes = _attributes(widget)
    return format_html(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], shown, attributes
    )


def _text_area(widget: Mapping[str, Any]) -> SafeString:
    value = widget["value"] or ""
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>', widget["name"], _attributes(widget), value
    )


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = [_group(name, options) for name, options, _ in widget["optgroups"]]
    inside = mark_safe("".join(groups))  # noqa: S308 - each is escaped
    return format_html(
        '<select name="{}"{}>{}\n</select>', widget["name"], _attributes(widget), inside
    )


def _group(name: str | None, options: list[Mapping[str, Any]]) -> SafeString:
    lines = mark_safe("".join([f"\n  {_option(each)}\n" for each in options]))  # noqa: S308
    if not name:
        return lines
    return format_html('\n  <optgroup label="{}">{}\n  </optgroup>', name, lines)


def _option(option: Mapping[str, Any]) -> SafeString:
    value, label = str(option["value"]), option["label"]
    return format_html('<option value="{}"{}>{}</option>', value, _attributes(option), label)


def _attributes(widget: Mapping[str, Any]) -> SafeString:
    """Return the attributes in their order. `True` is one without a value, `False` is none."""
    shown = [
        f" {conditional_escape(name)}"
        if value is True
        else f' {conditional_escape(name)}="{conditional_escape(str(value))}"'
        for name, value in widget["attrs"].items()
        if value is not False
    ]
    return mark_safe("".join(shown))  # noqa: S308 - each is escaped


INPUTS = (
    "checkbox",
    "color",
    "date",
    "datetime",
    "email",
    "file",
    "hidden",
    "number",
    "password",
    "search",
    "tel",
    "text",
    "time",
    "url",
)
RENDERED = {
    **{f"{FOLDER}{name}.html": _input for name in INPUTS},
    f"{FOLDER}textarea.html": _text_area,
    f"{FOLDER}select.html": _select,
}
