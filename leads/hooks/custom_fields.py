"""Define the search fields of an organization's custom fields."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.db.models.lookups import In

from leads.hooks.sorting import by_number
from leads.models import CustomField
from leads.numbers import NUMERIC
from search.language.tree import Name
from search.words.choice_fields import ChoiceField, Option
from search.words.columns import JsonColumn
from search.words.context import SearchContext
from search.words.date_fields import JsonDateField
from search.words.fields import Field
from search.words.number_fields import FractionField
from search.words.related_rows import FEW, PageOrCount, RelatedRows, those_of
from search.words.text_fields import TextField
from search.words.user_fields import UserField

NUMBERS = RelatedRows("leads.LeadNumber", "lead")


@dataclass(frozen=True)
class NumberColumn(JsonColumn):
    """A number in `Lead.custom`, which an index of LeadNumber finds."""

    is_number: bool = True

    def q(self, lookup: str, value: Any, context: SearchContext) -> Q:
        numbers = NUMBERS.owners(Q(key=self.key, **{f"value__{lookup}": value}), context)
        if connection.vendor == "sqlite":
            return Q(pk__in=numbers)
        found = those_of(numbers, FEW, context)
        if found.are_all:
            return Q(pk__in=found.ids)
        compared = self.expression.output_field.get_lookup(lookup)(self.expression, value)
        return Q(PageOrCount(compared, In(F("pk"), numbers)))


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
    options: dict[str, Any] = {}
    column = JsonColumn("custom", row.key)
    if row.kind in NUMERIC:
        column = NumberColumn("custom", row.key)
        options = {"parts": partial(by_number, row.key)}
    if row.kind == CustomField.Kind.CHOICE:
        choices = [Option(str(choice), str(choice)) for choice in row.choices]
        options = {"options": lambda _: choices, "by_value": False}
    return KINDS[row.kind](
        "",
        column,
        label=row.name,
        meaning="Custom field.",
        example=f"{Name(0, 0, f'custom.{row.name}')}:*",
        **options,
    )
