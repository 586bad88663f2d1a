"""The numbers of a lead's contacts and so on are right, whatever writes the rows."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from leads.models import Address, Contact, ContactEmail, ContactPhone, Lead, Note
from messaging.management.consistency import rollups
from smscenter.accounts.models import User
from tests import factories

COLUMNS = ("contact_count", "phone_count", "email_count", "address_count", "note_count")


@pytest.fixture
def full(lead: Lead) -> Lead:
    """Return a lead with two of each row, added two at once."""
    own: dict[str, Any] = {"organization": lead.organization}
    people = Contact.objects.bulk_create(Contact(**own, lead=lead, name=name) for name in "ab")
    ContactPhone.objects.bulk_create(
        ContactPhone(**own, contact=each, phone=factories.MOBILE) for each in people
    )
    ContactEmail.objects.bulk_create(
        ContactEmail(**own, contact=each, email="ada@example.com") for each in people
    )
    Address.objects.bulk_create(Address(**own, lead=lead, city="Oakland") for _ in range(2))
    Note.objects.bulk_create(Note(**own, lead=lead, text="Call back") for _ in range(2))
    return lead


def counts(lead: Lead) -> tuple[int, ...]:
    """Return the counts of a lead, after a check of all leads."""
    assert list(rollups.check(Lead.objects.all())) == []
    return tuple(Lead.objects.values_list(*COLUMNS).get(pk=lead.pk))


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_added_rows_are_counted(full: Lead) -> None:
    assert counts(full) == (2, 2, 2, 2, 2)


def test_rows_that_move_are_counted_at_their_new_lead(full: Lead, rep: User) -> None:
    other = factories.lead(rep, "Other")
    for model in (Contact, Address, Note):
        row = model._base_manager.filter(lead=full).order_by("pk")[:1]
        model._base_manager.filter(pk__in=list(row.values_list("pk", flat=True))).update(lead=other)
    assert (counts(full), counts(other)) == ((1,) * 5, (1,) * 5)
    stranger = factories.contact(other, phone=factories.OTHER_MOBILE)
    ContactPhone.objects.filter(contact__lead=full).update(contact=stranger)
    ContactEmail.objects.filter(contact__lead=full).update(contact=stranger)
    assert (counts(full), counts(other)) == ((1, 0, 0, 1, 1), (2, 3, 2, 1, 1))


def test_deleted_rows_are_not_counted(full: Lead) -> None:
    [first, second] = full.contacts.order_by("pk")
    first.delete()
    ContactEmail.objects.all().delete()
    assert counts(full) == (1, 1, 0, 2, 2)
    # Constraints are checked at the end, so a contact can be deleted before its number.
    with transaction.atomic():
        run(f"DELETE FROM leads_contact WHERE id = {second.pk}")
        run("DELETE FROM leads_contactphone")
    run("DELETE FROM leads_address")
    run("DELETE FROM leads_note")
    assert counts(full) == (0,) * 5


def test_wrong_counts_are_repaired(full: Lead, capsys: pytest.CaptureFixture[str]) -> None:
    Lead.objects.update(**dict.fromkeys(COLUMNS, 7))
    call_command("rollups", "--repair")
    assert "5 wrong values, all corrected." in capsys.readouterr().out
    assert counts(full) == (2,) * 5
