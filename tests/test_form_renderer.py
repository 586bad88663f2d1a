import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from smscenter.rendering.form_renderer import FormRenderer

CHOICES = [("", "Any"), ("Group & Co", [(1, "<One>"), (2, "Two")]), (3, mark_safe("<b>3</b>"))]
ATTRIBUTES = {"id": "id_x", "class": 'a "b"', "autofocus": True, "hidden": False, "maxlength": 10}


@pytest.mark.once
@pytest.mark.parametrize("value", [None, "", 2, "<i> & \"'", mark_safe("&amp;"), True, False])
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(),
        forms.EmailInput({"list": None}),
        forms.NumberInput(),
        forms.HiddenInput(),
        forms.PasswordInput(),
        forms.CheckboxInput(),
        forms.FileInput(),
        forms.DateInput({"type": "date"}),
        forms.TimeInput(format="%H:%M"),
        forms.Textarea({"rows": 3}),
        forms.Select(choices=CHOICES),
        forms.SelectMultiple(choices=CHOICES),
        forms.RadioSelect(choices=[(1, "One"), (2, "Two")]),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_fields_are_rendered_as_django_does(widget: forms.Widget, value: object) -> None:
    ours, djangos = (
        widget.render("field", value, ATTRIBUTES, renderer=renderer())
        for renderer in (FormRenderer, DjangoTemplates)
    )
    assert ours == djangos
