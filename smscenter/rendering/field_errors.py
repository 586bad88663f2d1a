"""Name the field in Django's errors: "Enter a name." instead of "This field is required."

The form renderer makes every form's bound fields, so this holds on all pages, also in the admin and
in forms of other packages. A form that has its own words for an error keeps them.
"""

import re
from functools import lru_cache
from typing import Any

from django import forms

GENERIC = (
    forms.Field.default_error_messages["required"],
    forms.ChoiceField.default_error_messages["invalid_choice"],
    forms.ModelChoiceField.default_error_messages["invalid_choice"],
)
CHOSEN = (forms.ChoiceField, forms.ModelChoiceField, forms.FileField)
KINDS: dict[type[forms.Field], str] = {
    forms.BooleanField: "Check this box",
    forms.DateTimeField: "Enter a date and time",
    forms.DateField: "Enter a date",
    forms.IntegerField: "Enter a number",
}
# Labels that begin like this are no names of things.
CLAUSE = re.compile(
    r"(how|what|when|where|which|who|if|to|from|for|agreed|opted|sign)\b", re.IGNORECASE
)
# Pronounced "you".
NO_VOWEL = ("uni", "use", "url")


class NamingBoundField(forms.BoundField):
    def __init__(self, form: Any, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        # mypy takes the hash of a field for that of its class.
        words: dict[str, Any] = messages_for(type(field), str(self.label))  # type: ignore[arg-type]
        own = {code: text for code, text in field.error_messages.items() if text not in GENERIC}
        field.error_messages = words | own


@lru_cache(maxsize=1_000)
def messages_for(kind: type[forms.Field], label: str) -> dict[str, str]:
    """Return the errors of a field by Django's codes, some with the placeholders of a validator."""
    label = re.sub(r"^Add an? |\s*\(.*?\)|:$", "", label).strip()
    subject = label.replace("%", "%%") if _is_name(label) else "This"
    verb = "are" if _is_plural(label) and subject != "This" else "is"
    return {
        "required": f"{_required(kind, label)}.",
        "invalid_choice": f"{_choose(label)} from the list.",
        "max_length": f"{subject} {verb} too long. Use %(limit_value)d characters or fewer.",
        "min_length": f"{subject} {verb} too short. Use at least %(limit_value)d characters.",
        "max_value": f"{subject} can't be more than %(limit_value)s.",
        "min_value": f"{subject} can't be less than %(limit_value)s.",
    }


def _required(kind: type[forms.Field], label: str) -> str:
    if issubclass(kind, CHOSEN):
        return _choose(label)
    if words := next((words for each, words in KINDS.items() if issubclass(kind, each)), None):
        return words
    if _is_name(label):
        return f"Enter {_with_article(label)}"
    is_question = not label or label.endswith("?")
    return "Enter an answer" if is_question else f"Enter {_lower(label)}"


def _choose(label: str) -> str:
    if not _is_name(label):
        return "Choose an option"
    return f"Choose {_with_article(label.partition(',')[0])}"


def _is_name(label: str) -> bool:
    """Return whether a label names a thing, as "Name" does and "How they opted in" doesn't."""
    return bool(label) and not CLAUSE.match(label) and not label.endswith("?")


def _is_plural(label: str) -> bool:
    words = label.split()
    return any(
        word.endswith("s") and not word.endswith(("ss", "us")) for word in words[:1] + words[-1:]
    )


def _with_article(label: str) -> str:
    """Return "an email" for "Email". Plurals and "Your reply" have no article."""
    label = _lower(label)
    if label.startswith("your ") or _is_plural(label):
        return label
    if label.startswith("current "):
        return f"your {label}"
    if label.endswith("phone"):
        label = f"{label} number"
    has_vowel = label[0] in "aeiou" and not label.startswith(NO_VOWEL)
    return f"{'an' if has_vowel else 'a'} {label}"


def _lower(label: str) -> str:
    """Write a label as it stands in a sentence: "New Password" is small, and "ZIP" isn't."""
    return " ".join(
        word if word[1:] != word[1:].lower() else word.lower() for word in label.split()
    )
