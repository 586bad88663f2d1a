"""Errors of forms name their field, in words that people use."""

import pytest
from django import forms

pytestmark = pytest.mark.once


class SampleForm(forms.Form):
    name = forms.CharField(max_length=4)
    email = forms.EmailField(label="Email address")
    old = forms.CharField(label="Current Password")
    choices = forms.CharField(max_length=4)
    agreed = forms.CharField(label="What they agreed to, word for word")
    question = forms.CharField(label="What can we help with?")
    zip_code = forms.CharField(label="ZIP or postal code")
    content = forms.CharField(label="Type of content")
    hours = forms.IntegerField(max_value=72)
    status = forms.ChoiceField(label="Status, if a row has none", choices=[("a", "A")])
    sender = forms.ChoiceField(label="From", choices=[("a", "A")])
    own = forms.CharField(error_messages={"required": "Say it in your own words."})


def test_an_empty_field_is_named() -> None:
    assert {name: errors[0] for name, errors in SampleForm({}).errors.items()} == {
        "name": "Enter a name.",
        "email": "Enter an email address.",
        "old": "Enter your current password.",
        "choices": "Enter choices.",
        "agreed": "Enter what they agreed to, word for word.",
        "question": "Enter an answer.",
        "zip_code": "Enter a ZIP or postal code.",
        "content": "Enter the type of content.",
        "hours": "Enter a number.",
        "status": "Choose a status.",
        "sender": "Choose an option.",
        "own": "Say it in your own words.",
    }


def test_a_value_out_of_range_is_named() -> None:
    data = {"name": "Bluebird", "choices": "a b c", "hours": "100", "status": "b"}
    errors = SampleForm(data).errors
    assert errors["name"] == ["Name is too long. Use 4 characters or fewer."]
    assert errors["choices"] == ["Choices are too long. Use 4 characters or fewer."]
    assert errors["hours"] == ["Hours can't be more than 72."]
    assert errors["status"] == ["Choose a status from the list."]
