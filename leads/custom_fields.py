"""Define the search fields of an organization's custom fields."""

from typing import Any

from leads.models import CustomField
from search.language.tree import Name
from search.words.choice_fields import ChoiceField, Option
from search.words.columns import JsonColumn
from search.words.context import SearchContext
from search.words.date_fields import JsonDateField
from search.words.fields import Field
from search.words.number_fields import FractionField
from search.words.text_fields import TextField
from search.words.user_fields import UserField


def custom_fields(context: SearchContext) -> list[Field]:
    return [custom(row) for row in CustomField.objects.visible_to(context.user)]


KINDS: dict[str, type[Field]] = {
    CustomField.Kind.TEXT: TextField,
    CustomField.Kind.NUMBER: FractionField,
    CustomField.Kind.DATE: JsonDateField,
    CustomField.Kind.CHOICE: ChoiceField,
    CustomField.Kind.USER: UserField,
}


def custom(row: CustomField) -> Field:
    """Return the search field of a custom field: a key of `Lead.custom`."""
    is_number = row.kind in {CustomField.Kind.NUMBER, CustomField.Kind.USER}
    options: dict[str, Any] = {}
    if row.kind == CustomField.Kind.CHOICE:
        choices = [Option(str(choice), str(choice)) for choice in row.choices]
        options = {"options": lambda _: choices, "by_value": False}
    return KINDS[row.kind](
        "",
        JsonColumn("custom", row.key, is_number),
        label=row.name,
        meaning="Custom field.",
        example=f"{Name(0, 0, f'custom.{row.name}')}:*",
        **options,
    )
