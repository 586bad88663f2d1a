"""Placeholders in templates: `{{ contact.first_name|there }}`, with a default after the bar.

This isn't Django's template language. There are only the names below, and custom fields of leads:
`{{ lead.Tags }}`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from leads.models import Contact, CustomField, Lead
from messaging.models import MessageTemplate
from messaging.models.template import MessageTemplateQuerySet
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


VALUES: dict[str, Callable[[Writing], str]] = {
    "contact.first_name": lambda writing: _first_word(_contact_name(writing)),
    "contact.name": _contact_name,
    "user.first_name": lambda writing: writing.user.first_name,
    "user.name": lambda writing: writing.user.get_full_name(),
    "organization.name": lambda writing: writing.lead.organization.name,
    "lead.name": lambda writing: writing.lead.name,
}


def usable_by(user: User) -> MessageTemplateQuerySet:
    """Return the organization's templates and the user's own."""
    rows = MessageTemplate.objects.visible_to(user)
    return rows.filter(Q(owner=None) | Q(owner=user))


def check(text: str, custom_fields: Iterable[CustomField]) -> None:
    """Raise TemplateError if the text has an unknown or broken placeholder."""
    custom = {field.name.lower() for field in custom_fields}
    for match in PLACEHOLDER.finditer(text):
        name = match[1].strip()
        if name not in VALUES and _custom_name(name) not in custom:
            raise TemplateError(f"{match[0]} isn't a placeholder. Use {', '.join(_examples())}.")
    if broken := BROKEN.search(PLACEHOLDER.sub("", text)):
        raise TemplateError(f"{broken[0]} isn't a complete placeholder, like {next(_examples())}.")


def render(template: MessageTemplate, writing: Writing) -> str:
    """Return the template's text with values. Raises TemplateError if one is missing."""
    return fill(template.text, writing, custom_fields(writing.lead.organization_id))


def custom_fields(organization: int) -> list[CustomField]:
    return list(CustomField.objects.filter(organization=organization))


def fill(text: str, writing: Writing, custom_fields: Iterable[CustomField]) -> str:
    """Return the text with values for its placeholders. Raises TemplateError if one is missing."""
    custom = {field.name.lower(): field for field in custom_fields}
    check(text, custom.values())

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name in VALUES:
            found = VALUES[name](writing).strip()
        else:
            field = custom[_custom_name(name)]
            found = field.shown(writing.lead.custom.get(field.name)).strip()
        if not found and match[2] is None:
            raise TemplateError(
                f"{match[0]} has no value here. Fill it in, "
                f"or add a default to the template: {{{{ {name}|default }}}}."
            )
        return found or match[2].strip()

    return PLACEHOLDER.sub(value, text)


def _custom_name(name: str) -> str:
    return name.removeprefix(CUSTOM).lower() if name.startswith(CUSTOM) else ""


def _examples() -> Iterator[str]:
    return (f"{{{{ {name} }}}}" for name in VALUES)
