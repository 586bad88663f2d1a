"""The columns of imports of leads."""

import re

from leads.imports import values
from leads.imports.columns import NEW, Column, column_groups
from leads.models import CustomField, LeadImport

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WEB = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)


def looks_like_phone(cell: str) -> bool:
    return 10 <= len(re.sub(r"\D", "", cell)) <= 15 and not re.search(r"[^\d\s().+x-]", cell)


def _phone(key: str, label: str, *names: str) -> Column:
    return Column(
        key,
        label,
        values.phone_numbers,
        names,
        "Contact",
        is_many=True,
        looks_like=looks_like_phone if key == "phone" else None,
    )


LEAD = (
    Column(
        "name",
        "Name",
        values.line(255),
        (
            "company", "company name", "business", "business name", "account", "account name",
            "organization", "lead", "lead name", "name", "full name",
        ),
    ),
    Column("status", "Status", values.status, ("status", "lead status", "stage", "lead stage")),
    Column("owner", "Owner", values.owner, ("owner", "lead owner", "assigned to", "sales rep")),
    Column(
        "url", "Website", values.url, ("website", "url", "web site", "web", "domain"),
        looks_like=lambda cell: bool(WEB.fullmatch(cell)),
    ),
    Column(
        "description", "Description", values.text(10_000),
        ("description", "notes", "note", "comments", "comment"),
    ),
    Column(
        "external_id", "External ID", values.line(100),
        ("external id", "id", "lead id", "record id", "customer id", "contact id", "crm id"),
    ),
    Column(
        "contact", "Contact name", values.line(160),
        ("contact", "contact name", "full name", "person", "name"), "Contact",
    ),
    Column(
        "first_name", "First name", values.line(80),
        ("first name", "given name", "first", "firstname"), "Contact",
    ),
    Column(
        "last_name", "Last name", values.line(80),
        ("last name", "family name", "surname", "last", "lastname"), "Contact",
    ),
    Column(
        "title", "Title", values.line(120), ("title", "job title", "position", "role"), "Contact"
    ),
    _phone(
        "phone", "Phone (mobile)",
        "phone", "phone number", "mobile", "mobile phone", "mobile number", "cell", "cell phone",
        "telephone", "tel", "number", "primary phone", "phone 1", "phone 2",
    ),
    _phone(
        "phone:office", "Phone (office)",
        "work phone", "office phone", "business phone", "office", "company phone",
    ),
    _phone("phone:home", "Phone (home)", "home phone", "home"),
    _phone("phone:other", "Phone (other)", "other phone", "alternate phone", "phone 3"),
    Column(
        "email", "Email", values.emails,
        (
            "email", "email address", "e mail", "e mail address", "mail", "work email",
            "primary email", "email 1", "email 2", "personal email",
        ),
        "Contact", is_many=True, looks_like=lambda cell: bool(EMAIL.fullmatch(cell)),
    ),
    Column(
        "street", "Street", values.line(200),
        ("street", "address", "street address", "address 1", "address line 1"), "Address",
    ),
    Column("city", "City", values.line(100), ("city", "town"), "Address"),
    Column(
        "state", "State", values.line(60), ("state", "province", "region", "state province"),
        "Address",
    ),
    Column(
        "postal_code", "ZIP code", values.line(20),
        ("zip", "zip code", "postal code", "postcode", "zip postal code"), "Address",
    ),
    Column("country", "Country", values.country, ("country", "country code"), "Address"),
)  # fmt: skip


def lead_columns(job: LeadImport) -> list[Column]:
    """Return what the columns of a file of leads can be, in the order in which they're offered."""
    fields = CustomField.objects.visible_in(job.organization_id)
    known = [
        Column(
            f"custom:{row.pk}",
            row.name,
            values.custom(row),
            (row.name.casefold(),),
            "Custom fields",
        )
        for row in fields
    ]
    added = [column for group in column_groups for column in group.columns]
    return [*LEAD, *known, *added]


def new_field(job: LeadImport, index: int) -> CustomField:
    """Return the custom field, not saved yet, that a column becomes."""
    name = job.header[index].strip()[:80] or f"Column {index + 1}"
    kind = job.columns[index].removeprefix(NEW)
    return CustomField(organization_id=job.organization_id, name=name, kind=kind)
