"""A deleted lead is gone from every page, and can be restored for 30 days."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from leads.changing import deleting
from leads.models import Contact, DeletedLead, Lead, LeadChange
from leads.models.deleted import path_to_lead
from messaging.models import Attempt, SenderNumber, SmsMessage, UnmatchedText
from messaging.outgoing import outbox, schedule
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging import calls

WORD = "Zanzibar"
LISTS = ["/leads/", "/messages/", "/leads/export/", "/messages/export/", "/", "/bulk/1/"]


@pytest.fixture
def rows(rep: User) -> dict[str, Model]:
    """Return a row of every kind; those of the lead are deleted with it."""
    rows = factories.everything(rep, WORD)
    deleted = rows["lead"]
    assert isinstance(deleted, Lead)
    deleting.delete(deleted, rep)
    return rows


def test_no_row_of_a_deleted_lead_is_visible(rep: User, rows: dict[str, Model]) -> None:
    hidden = set()
    for name, row in rows.items():
        manager: Any = type(row)._default_manager
        # The last two are of unknown numbers, and belong to no lead.
        kept = isinstance(row, DeletedLead | UnmatchedText) or name == "number_thread"
        if path_to_lead(type(row)) and not kept and hasattr(manager, "visible_to"):
            assert not manager.visible_to(rep).filter(pk=row.pk).exists(), name
            hidden.add(name)
    assert {"lead", "contact", "phone", "email", "note", "message", "attempt"} <= hidden


@pytest.mark.parametrize("url", LISTS)
def test_no_list_shows_a_deleted_lead(as_rep: Client, rows: dict[str, Model], url: str) -> None:
    content = as_rep.get(url).getvalue().decode()
    for name in ("lead<", "contact", "note", "text"):
        assert f"{WORD} {name}" not in content


def test_deleted_leads_are_listed_and_restored(as_rep: Client, lead: Lead) -> None:
    as_rep.post(f"/leads/{lead.pk}/delete/")
    deleted = DeletedLead.objects.get(lead=lead)
    assert as_rep.get(f"/leads/{lead.pk}/").status_code == HTTPStatus.NOT_FOUND
    assert "Bluebird Bakery" in html_of(as_rep.get("/leads/deleted/"))

    restored = html_of(as_rep.post(f"/leads/deleted/{deleted.pk}/restore/", follow=True))
    assert "Bluebird Bakery restored." in restored
    assert "<strong>rita</strong> deleted this lead" in restored
    assert as_rep.get(f"/leads/{lead.pk}/").status_code == HTTPStatus.OK


def test_a_restored_lead_sends_no_text_by_itself(rep: User, lead: Lead) -> None:
    number = factories.sender(lead.organization)
    tomorrow = timezone.now() + timedelta(days=1)
    contact = factories.contact(lead)
    later = _queue(rep, lead, contact, number, due=tomorrow)
    failed = factories.message(lead, status="outbox", sender=number)
    Attempt.objects.create(
        organization=lead.organization, message=failed, number=1, state="failed", reason="spam"
    )
    Attempt.objects.create(
        organization=lead.organization, message=failed, number=2, due=tomorrow, sender=number
    )

    deleted = deleting.delete(lead, rep)
    deleting.restore(deleted, rep)

    assert not Attempt.objects.filter(state=Attempt.State.QUEUED).exists()
    later.refresh_from_db()
    failed.refresh_from_db()
    assert (later.status, later.text) == (SmsMessage.Status.DRAFT, "Later")
    assert failed.status == SmsMessage.Status.ERROR


def _queue(
    by: User, lead: Lead, contact: Contact, sender: SenderNumber, **more: object
) -> SmsMessage:
    return outbox.queue(
        user=by, lead=lead, contact=contact, sender=sender, to=factories.MOBILE, text="Later",
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_an_open_page_cant_text_a_deleted_lead(rep: User, lead: Lead) -> None:
    number, contact = factories.sender(lead.organization), factories.contact(lead)
    deleting.delete(lead, rep)

    with pytest.raises(outbox.Refused, match="deleted or merged"):
        _queue(rep, lead, contact, number)
    assert not SmsMessage.objects.exists()
    schedule.withdraw_deleted()


def test_a_text_from_a_deleted_leads_number_is_from_an_unknown_number(
    rep: User, lead: Lead
) -> None:
    factories.contact(lead)
    factories.sender(lead.organization)
    deleting.delete(lead, rep)

    calls.text("Hello again")

    [text] = SmsMessage.objects.visible_to(rep)
    assert (text.text, text.lead.name) == ("Hello again", "(415) 555-0123")


def test_an_old_deleted_lead_is_deleted_for_good(rep: User, rows: dict[str, Model]) -> None:
    recent = rows["deleted_lead"]
    deleted = DeletedLead.objects.get(lead=rows["lead"].pk)
    old = timezone.now() - timedelta(days=31)
    DeletedLead.objects.filter(pk=deleted.pk).update(created=old)
    deleted.refresh_from_db()

    assert not deleting.restore(deleted, rep)
    deleting.delete_old()

    assert [*DeletedLead.objects.all()] == [recent]
    assert not SmsMessage.objects.exists()
    assert not LeadChange.objects.exists()
    # Consent and opt-outs belong to the number.
    for name in ("recipient", "opt_out", "consent", "sender", "request"):
        rows[name].refresh_from_db()
