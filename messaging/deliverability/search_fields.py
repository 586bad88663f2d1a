"""Search fields of texts for what the deliverability page counts by."""

from messaging import carriers
from messaging.models import SenderNumber
from search.words.choice_fields import ChoiceField, Option, fixed
from search.words.columns import Column, HourColumn
from search.words.context import SearchContext
from search.words.fields import Field
from search.words.number_fields import NumberField
from search.words.related_rows import ParentRow


def sender_carriers(context: SearchContext) -> list[Option]:
    """Return the carriers that ship, and those of the organization's numbers."""
    numbers = SenderNumber.objects.filter(organization_id=context.organization).order_by()
    used = context.once(
        "sender_carriers", lambda: set(numbers.values_list("carrier", flat=True).distinct())
    )
    return [Option(key, key) for key in sorted({*carriers.REGISTRY, *used})]


FIELDS: tuple[Field, ...] = (
    ChoiceField(
        "encoding",
        Column("encoding"),
        options=fixed([("GSM-7", "GSM-7"), ("UCS-2", "UCS-2")]),
        meaning="GSM-7, or UCS-2 if it has characters that make it longer.",
        example="encoding:UCS-2",
    ),
    NumberField(
        "hour",
        HourColumn("created"),
        noun="hour created",
        meaning="Hour created, 0 to 23, in your organization's time zone.",
        example="hour:14",
    ),
    ChoiceField(
        "sender_carrier",
        Column("carrier"),
        rows=ParentRow("messaging.SenderNumber", "sender"),
        sorted_by="sender__carrier",
        options=sender_carriers,
        by_value=False,
        noun="sender number's carrier",
        meaning="Carrier of the sender number.",
        example=f"sender_carrier:{carriers.example_key()}",
    ),
    NumberField(
        "template_id",
        Column("template"),
        noun="template ID",
        meaning="ID of the template.",
        example="template_id:12",
    ),
)
