"""The database refuses invalid rows from any source: the admin, a shell, or raw SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Field, ForeignKey, Model

from leads.models import ContactPhone, Lead, LeadStatus
from messaging.models import Attempt, Recipient, SenderNumber, SmsMessage
from smscenter.accounts.models import Owned, User
from tests import factories

OUR_APPS = {"accounts", "exports", "leads", "messaging", "notifications", "support"}
MODELS = [model for model in apps.get_models() if model._meta.app_label in OUR_APPS]
CHOICE_FIELDS = [
    (model, field)
    for model in MODELS
    for field in model._meta.concrete_fields
    # Code maps and callbacks belong to no organization, and have tests of their own.
    if field.choices and (issubclass(model, Owned) or model is User)
]
# A constraint would need an index on every attempt, for a column that only one function writes.
UNCONSTRAINED = {"Recipient.evidence"}
FOREIGN_KEYS = [
    (model, field)
    for model in MODELS
    if issubclass(model, Owned)
    for field in model._meta.concrete_fields
    if isinstance(field, ForeignKey)
    and issubclass(field.related_model, Owned)
    and f"{model.__name__}.{field.name}" not in UNCONSTRAINED
]


def name_of(value: object) -> str:
    return value.name if isinstance(value, Field) else getattr(value, "__name__", str(value))


@contextmanager
def refused() -> Iterator[None]:
    """Expect an IntegrityError, and check foreign keys before the transaction ends."""
    with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012 (either may raise)
        yield
        connection.check_constraints()


@pytest.fixture(scope="module")
def rows_of_two(module_transaction: None) -> list[dict[str, Model]]:
    return [
        factories.everything(factories.user(factories.organization(slug), slug), slug)
        for slug in ("ours", "theirs")
    ]


@pytest.fixture
def own_rows(rows_of_two: list[dict[str, Model]], db: None) -> dict[str, Model]:
    return rows_of_two[0]


@pytest.fixture
def other_rows(rows_of_two: list[dict[str, Model]], db: None) -> dict[str, Model]:
    return rows_of_two[1]


def row_of(rows: dict[str, Model], model: type[Model]) -> Model:
    found = next((row for row in rows.values() if isinstance(row, model)), None)
    assert found is not None, f"Let factories.everything make a {model.__name__}."
    return found


@pytest.mark.parametrize(("model", "field"), CHOICE_FIELDS, ids=name_of)
def test_a_field_takes_only_its_choices(
    own_rows: dict[str, Model], model: type[Model], field: Field[Any, Any]
) -> None:
    rows = model._default_manager.filter(pk=row_of(own_rows, model).pk)
    with refused():
        rows.update(**{field.name: "bogus"[: field.max_length]})


@pytest.mark.parametrize(("model", "field"), FOREIGN_KEYS, ids=name_of)
def test_a_row_belongs_to_the_organization_of_its_parent(
    own_rows: dict[str, Model],
    other_rows: dict[str, Model],
    model: type[Model],
    field: ForeignKey[Any, Any],
) -> None:
    child = row_of(own_rows, model)
    stranger = row_of(other_rows, field.related_model)
    with refused(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET {field.column} = %s WHERE id = %s",
            [stranger.pk, child.pk],
        )


@pytest.mark.parametrize("key", ["lead", "message", "contact", "note", "request"])
def test_no_row_moves_alone_to_another_organization(
    own_rows: dict[str, Model], stranger: User, key: str
) -> None:
    row = own_rows[key]
    with refused(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {row._meta.db_table} SET organization_id = %s WHERE id = %s",
            [stranger.organization_id, row.pk],
        )


def test_a_message_belongs_to_the_organization_of_its_lead(lead: Lead, stranger: User) -> None:
    factories.message(lead)
    with refused(), connection.cursor() as cursor:
        columns = ", ".join(
            str(field.column)
            for field in SmsMessage._meta.concrete_fields
            if field.name not in {"id", "organization", "form_token"}
        )
        cursor.execute(
            f"INSERT INTO messaging_smsmessage (organization_id, {columns}) "
            f"SELECT %s, {columns} FROM messaging_smsmessage",
            [stranger.organization_id],
        )


def test_a_status_label_is_unique_within_an_organization(lead: Lead, stranger: User) -> None:
    with refused():
        LeadStatus.objects.create(organization=lead.organization, label="nEW")
    assert LeadStatus.objects.filter(organization=lead.organization).count() == 1


def test_a_lead_has_a_name(lead: Lead) -> None:
    with refused():
        Lead.objects.update(name="")


def test_a_status_in_use_cannot_be_deleted(lead: Lead) -> None:
    with pytest.raises(IntegrityError):
        lead.status.delete()


def test_a_contact_cannot_have_the_same_number_twice(lead: Lead) -> None:
    phone = factories.contact(lead).phones.get()
    with refused():
        ContactPhone.objects.create(
            organization=lead.organization, contact=phone.contact, phone=phone.phone
        )


def test_a_sender_number_without_a_plus_is_a_name_or_has_a_country(
    own_rows: dict[str, Model],
) -> None:
    rows = SenderNumber.objects.filter(pk=own_rows["sender"].pk)
    for phone, country in (("", ""), ("72975", ""), ("729", "US"), ("7297500", "US")):
        with refused():
            rows.update(phone=phone, country=country)
    rows.update(phone="Acme")
    rows.update(phone="72975", country="CA")


@pytest.mark.parametrize("key", ["phone", "sender", "recipient"])
def test_a_number_begins_with_a_plus(own_rows: dict[str, Model], key: str) -> None:
    with refused():
        type(own_rows[key])._default_manager.update(phone="4155550123")


def test_a_sender_number_belongs_to_one_organization(lead: Lead, stranger: User) -> None:
    factories.sender(lead.organization)
    assert stranger.organization is not None
    with refused():
        factories.sender(stranger.organization)
    assert SenderNumber.objects.filter(phone=factories.OUR_NUMBER).count() == 1


def test_a_recipient_is_unique_within_an_organization(own_rows: dict[str, Model]) -> None:
    with refused():
        Recipient.objects.create(
            organization=own_rows["lead"].organization,  # type: ignore[attr-defined]
            phone=factories.MOBILE,
        )


def test_a_form_creates_one_message(lead: Lead) -> None:
    token = "0b7c9a52-54a5-4a4c-8f0e-1f2f3e4d5c6b"
    factories.message(lead, form_token=token)
    with refused():
        factories.message(lead, form_token=token)


def test_a_message_has_one_open_attempt(lead: Lead) -> None:
    message = factories.message(lead, status="outbox")
    fields = {"organization": lead.organization, "message": message, "carrier": "sandbox"}
    Attempt.objects.create(**fields, number=1)
    with refused():
        Attempt.objects.create(**fields, number=2)


def test_a_failure_has_a_reason(lead: Lead) -> None:
    with refused():
        factories.message(lead, status="error", reason="")


@pytest.mark.parametrize(("direction", "status"), [("incoming", "sent"), ("outgoing", "inbox")])
def test_a_status_matches_its_direction(lead: Lead, direction: str, status: str) -> None:
    with refused():
        factories.message(lead, direction=direction, status=status)


def test_a_user_is_a_member_or_staff(db: None) -> None:
    with refused():
        factories.user(None, "nobody")
