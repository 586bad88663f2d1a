"""Placeholders in templates: `{{ contact.first_name|there }}`, with a default after the bar.

This isn't Django's template language. There are only the names below, and custom fields of leads:
`{{ lead.Tags }}`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from leads.models import Contact, CustomField, Lead
from messaging.models import MessageTemplate
from smscenter.accounts.models import User

PLACEHOLDER = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")
# What looks like a placeholder, but isn't one: braces left over, or the names of older templates.
BROKEN = re.compile(r"\{\{|\}\}|\{(?:contact|lead|user)\}")
CUSTOM = "lead."


class TemplateError(ValueError):
    """The template can't be used. The message names the placeholder."""


@dataclass(frozen=True)
class Writing:
    """Who writes to whom: what placeholders stand for."""

    lead: Lead
    user: User
    contact: Contact | None


def _contact_name(writing: Writing) -> str:
    return writing.contact.name if writing.contact else ""


def _first_word(name: str) -> str:
    return next(iter(name.split()), "")


@dataclass(frozen=True)
class Placeholder:
    meaning: str
    value: Callable[[Writing], str]


PLACEHOLDERS = {
    "contact.first_name": Placeholder(
        "First name of the recipient", lambda writing: _first_word(_contact_name(writing))
    ),
    "contact.name": Placeholder("Full name of the recipient", _contact_name),
    "user.first_name": Placeholder(
        "First name of the person who texts", lambda writing: writing.user.first_name
    ),
    "user.name": Placeholder(
        "Full name of the person who texts", lambda writing: writing.user.get_full_name()
    ),
    "organization.name": Placeholder(
        "Your organization", lambda writing: writing.lead.organization.name
    ),
    "lead.name": Placeholder("The lead", lambda writing: writing.lead.name),
}


def check(text: str, custom_fields: Iterable[CustomField]) -> None:
    """Raise TemplateError if the text has an unknown or broken placeholder."""
    custom = {field.name.lower() for field in custom_fields}
    for match in PLACEHOLDER.finditer(text):
        name = match[1].strip()
        if name not in PLACEHOLDERS and _custom_name(name) not in custom:
            raise TemplateError(f"{match[0]} isn't a placeholder. Use {', '.join(_examples())}.")
    if broken := BROKEN.search(PLACEHOLDER.sub("", text)):
        raise TemplateError(f"{broken[0]} isn't a complete placeholder, like {next(_examples())}.")


def render(template: MessageTemplate, writing: Writing) -> str:
    """Return the template's text with values. Raises TemplateError if one is missing."""
    rows = CustomField.objects.visible_in(writing.lead.organization_id)
    return fill_in(template.text, writing, rows)


def fill_in(text: str, writing: Writing, custom_fields: Iterable[CustomField]) -> str:
    """Return the text with values. Raises TemplateError if one is missing or unknown."""
    custom = {field.name.lower(): field for field in custom_fields}
    check(text, custom.values())

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name in PLACEHOLDERS:
            found = PLACEHOLDERS[name].value(writing).strip()
        else:
            field = custom[_custom_name(name)]
            found = field.shown(writing.lead.custom.get(field.key)).strip()
        if not found and match[2] is None:
            raise TemplateError(
                f"{match[0]} has no value here. Fill it in, "
                f"or add a default to the template: {{{{ {name}|default }}}}."
            )
        return found or match[2].strip()

    return PLACEHOLDER.sub(value, text)


def known_placeholders(custom_fields: Iterable[CustomField]) -> Iterator[tuple[str, str]]:
    """Yield each placeholder as it's written in a template, and what it stands for."""
    for name, placeholder in PLACEHOLDERS.items():
        yield f"{{{{ {name} }}}}", placeholder.meaning
    for field in custom_fields:
        written = f"{{{{ {CUSTOM}{field.name} }}}}"
        if PLACEHOLDER.fullmatch(written):
            yield written, f"Custom field “{field.name}” of the lead"


def _custom_name(name: str) -> str:
    return name.removeprefix(CUSTOM).lower() if name.startswith(CUSTOM) else ""


def _examples() -> Iterator[str]:
    return (f"{{{{ {name} }}}}" for name in PLACEHOLDERS)
