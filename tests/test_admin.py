"""Administrators can find any row and correct the code map, but not change history."""

import re
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leads import models as leads
from leads.page import place_of
from messaging import models as messaging
from messaging.diagnosis import code_map
from messaging.models import CarrierCode, CarrierEvent, OptOut, Recipient
from messaging.models.reason import Reason, Retry
from search.models import SavedView
from smscenter.accounts import models as accounts
from smscenter.accounts.models import Organization, User
from smscenter.accounts.owned_admin import BoundedPaginator
from smscenter.notifications import models as notifications
from smscenter.support import models as support
from smscenter.support.models.history import record
from tests import factories
from tests.factories import MOBILE

pytestmark = pytest.mark.once

APPS = {"accounts", "leads", "messaging", "notifications", "search", "support"}
REGISTERED = sorted(
    (model for model in admin.site._registry if model._meta.app_label in APPS),
    key=lambda model: model._meta.label,
)
# More than a page repeats a query for another reason.
ROWS = 3
VALUE = re.compile(r"'[^']*'|\b\d+\b")


def make_rows(number: int) -> None:
    """Create a row of every kind, in a new organization."""
    organization = factories.organization(f"org-{number}")
    user = factories.user(organization, f"user-{number}")
    lead = factories.lead(user)
    contact = factories.contact(lead)
    own = {"organization": organization}
    leads.Note.objects.create(lead=lead, user=user, text="Called", **own)
    deleted = leads.Note.objects.create(lead=lead, user=user, text="Wrong lead", **own)
    deleted.remove(user)
    leads.CustomField.objects.create(name="Budget", **own)
    leads.DeletedLead.objects.create(lead=lead, user=user, **own)
    leads.LeadChange.objects.create(lead=lead, user=user, field="owner", new="Ada", **own)
    accounts.Invitation.objects.create(email=f"{number}@acme.example", invited_by=user, **own)
    accounts.AccountMail.objects.create(kind="invitation", to="a@b.example", subject="Hi")
    sender = factories.sender(organization, phone=f"+1212555{number:04}", owner=user)
    message = factories.message(lead, sender=sender, contact=contact)
    attempt = messaging.Attempt.objects.create(message=message, carrier="sandbox", **own)
    CarrierEvent.objects.create(
        carrier="sandbox", kind="status", event_id=uuid.uuid4().hex, payload=[["Body", "<b>é</b>"]],
        attempt=attempt, message=message,
    )  # fmt: skip
    factories.unmatched_text(sender)
    messaging.MessageTemplate.objects.create(name="Hello", text="Hi", owner=user, **own)
    messaging.Consent.objects.record(
        organization, MOBILE, method="Form", wording="Yes", recorded_by=user
    )
    bulk = messaging.BulkSend.objects.create(
        kind="send", state="ready", text="Hi", total=1, created_by=user, **own
    )
    messaging.BulkItem.objects.create(
        bulk=bulk, position=0, state="waiting", lead=lead, name=lead.name, **own
    )
    messaging.PhoneVerification.objects.create(user=user, phone=MOBILE, **own)
    Recipient.objects.update(evidence=attempt, capability_by=user)
    OptOut.objects.record(organization, MOBILE, source=OptOut.Source.KEYWORD, sender=sender)
    CarrierCode.objects.create(carrier="pigeon", code=str(number), changed_by=user)
    messaging.CarrierHealth.objects.create(carrier=f"pigeon-{number}")
    make_alerts(own, user, number)
    support_request = factories.support_request(user, sender=sender)
    factories.evidence(support_request, user)
    event = record(
        support_request, support.SupportRequestEvent.Kind.MAIL, user, "To ada@example.com"
    )
    support.Mail.objects.create(request=support_request, event=event, to="ada@example.com", **own)
    support.ReceivedMail.objects.create(
        request=support_request, user=user, key=f"{number}", outcome="added", **own
    )
    support.SavedReply.objects.create(name=f"Reply {number}", text="Hi")
    support.Whitelisting.objects.create(
        sender=sender, request=support_request, carrier="sandbox", **own
    )
    notifications.Notification.objects.create(
        user=user, kind="failure", subject=message.pk, place=place_of(lead.pk), **own
    )
    notifications.NotificationMail.objects.create(user=user, to="ada@example.com")
    notifications.Preference.objects.create(user=user, kind="reply", mail="each")
    SavedView.objects.create(owner=user, name="Failed", query="failed_sms > 0", **own)
    support.Feedback.objects.create(article="spam", helpful=True, user=user)


def make_alerts(own: dict[str, Organization], user: User, number: int) -> None:
    price = {"outcome": "sent", "as_of": "2026-11-28", "changed_by": user}
    messaging.CarrierPrice.objects.create(carrier=f"pigeon-{number}", **price)
    messaging.AlertSettings.objects.create(**own)
    messaging.Alert.objects.create(cause="reason", subject="spam", since=timezone.now(), **own)
    messaging.WeeklySummary.objects.create(monday="2026-11-23", **own)


@pytest.fixture
def root(db: None) -> User:
    return factories.user(None, "root", is_staff=True, is_superuser=True)


@pytest.fixture
def as_root(client: Client, root: User) -> Client:
    client.force_login(root)
    return client


def page(model: type[Model], name: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def save(client: Client, address: str, **changes: Any) -> Any:
    """Submit an admin form with its initial values and these changes."""
    form = client.get(address).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    filled = {
        name: getattr(value, "pk", value) for name, value in values.items() if value is not None
    }
    return client.post(
        address, {name: v for name, v in (filled | changes).items() if v is not None}
    )


class TestEveryPage:
    @pytest.fixture(autouse=True, scope="class")
    @staticmethod
    def rows(class_transaction: None) -> None:
        for number in range(ROWS):
            make_rows(number)

    @pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
    def test_opens(self, as_root: Client, model: type[Model]) -> None:
        row = model._default_manager.order_by("-pk").first()
        assert row is not None
        with CaptureQueriesContext(connection) as captured:
            listed = as_root.get(page(model, "changelist"))
        assert listed.status_code == 200
        statements = Counter(VALUE.sub("?", query["sql"]) for query in captured)
        assert max(statements.values()) < ROWS, "There's a query for each row."
        searched = admin.site._registry[model].get_search_results
        found, _ = searched(listed.wsgi_request, model._default_manager.all(), "a")
        list(found)  # raises nothing
        opened = as_root.get(page(model, "change", row.pk))
        assert opened.status_code == 200
        added = as_root.get(page(model, "add"))
        may_add = admin.site._registry[model].has_add_permission(opened.wsgi_request)
        assert added.status_code == (200 if may_add else 403)
        for response in (listed, opened, added):
            # The content security policy blocks inline styles and scripts.
            assert b"<style" not in response.content
            assert b' style="' not in response.content
            assert b"<script>" not in response.content
            # Browsers refuse `acme.com` in a URL input.
            assert b'type="url"' not in response.content


@pytest.mark.parametrize("model", [leads.Contact, accounts.User])
def test_a_forged_link_fills_in_nothing(as_root: Client, model: type[Model], lead: Any) -> None:
    forged = {"lead": "abc", "organization": "abc", "created": "abc", "name": "Ada Baker"}
    for link in (forged, {**forged, "lead": lead.pk}):
        response = as_root.get(page(model, "add"), link)
        assert response.status_code == 200
    if model is leads.Contact:
        assert 'value="Ada Baker"' in response.content.decode()
        assert f'<option value="{lead.pk}" selected>' in response.content.decode()


def test_a_website_can_be_entered_without_https(as_root: Client) -> None:
    make_rows(1)
    lead = leads.Lead.objects.get()
    rest = {"addresses-TOTAL_FORMS": 0, "addresses-INITIAL_FORMS": 0, "created_0": "2026-11-27",
            "created_1": "10:00"}  # fmt: skip
    save(as_root, page(leads.Lead, "change", lead.pk), url="acme.com", **rest)
    lead.refresh_from_db()
    assert lead.url == "https://acme.com"


@pytest.mark.parametrize(
    "model",
    [messaging.SmsMessage, messaging.Attempt, CarrierEvent],
    ids=lambda model: model._meta.label,
)
def test_history_is_read_only(as_root: Client, model: type[Model]) -> None:
    make_rows(1)
    row = model._default_manager.get()
    assert as_root.post(page(model, "change", row.pk), {}).status_code == 403
    assert as_root.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_a_lead_with_texts_cannot_be_deleted(as_root: Client) -> None:
    make_rows(1)
    as_root.post(page(leads.Lead, "delete", leads.Lead.objects.get().pk), {"post": "yes"})
    assert leads.Lead.objects.exists()


def test_the_raw_callback_is_shown_and_escaped(as_root: Client) -> None:
    make_rows(1)
    opened = as_root.get(page(CarrierEvent, "change", CarrierEvent.objects.get().pk))
    assert "&lt;b&gt;é&lt;/b&gt;" in opened.text


@pytest.mark.parametrize("model", [messaging.Attempt, CarrierEvent])
def test_rows_are_found_by_carrier(as_root: Client, model: type[Model]) -> None:
    make_rows(1)
    for carrier, found in {"sandbox": 1, "twilio": 0}.items():
        listed = as_root.get(page(model, "changelist"), {"carrier": carrier})
        assert len(listed.context["cl"].result_list) == found


def test_texts_are_found_by_number(as_root: Client) -> None:
    make_rows(1)
    for number, found in {MOBILE: 1, factories.OTHER_MOBILE: 0}.items():
        listed = as_root.get(page(messaging.SmsMessage, "changelist"), {"q": number})
        assert len(listed.context["cl"].result_list) == found


def test_unread_codes_are_listed_until_they_have_a_reason(as_root: Client, root: User) -> None:
    unread = code_map.read("twilio", "99999")
    listed = as_root.get(page(CarrierCode, "changelist"), {"unread": "yes"})
    assert [row.code for row in listed.context["cl"].result_list] == ["99999"]
    save(as_root, page(CarrierCode, "change", unread.pk), reason=Reason.SPAM)
    unread.refresh_from_db()
    assert (unread.known, unread.reason, unread.version) == (True, Reason.SPAM, 2)
    assert unread.changed_by == root


def test_a_corrected_code_is_logged_and_survives_a_reload(as_root: Client, root: User) -> None:
    row = CarrierCode.objects.get(carrier="twilio", code="30007")
    save(as_root, page(CarrierCode, "change", row.pk), reason=Reason.UNKNOWN, retry=Retry.TRANSIENT)
    line = LogEntry.objects.get(object_id=str(row.pk))
    assert line.user == root
    change = line.get_change_message()
    assert change.startswith("Version 2. ")
    assert "reason: spam → unknown" in change
    code_map.load_shipped()
    assert code_map.read("twilio", "30007").reason == Reason.UNKNOWN


def test_a_code_keeps_its_carrier_and_cannot_be_deleted(as_root: Client) -> None:
    row = CarrierCode.objects.get(carrier="twilio", code="30007")
    save(as_root, page(CarrierCode, "change", row.pk), carrier="telnyx", code="1")
    row.refresh_from_db()
    assert (row.carrier, row.code) == ("twilio", "30007")
    assert as_root.post(page(CarrierCode, "delete", row.pk), {"post": "yes"}).status_code == 403


def recipient(organization: Organization) -> Recipient:
    return Recipient.objects.for_phone(organization, MOBILE)


def test_staff_record_an_opt_out_once_and_cannot_end_it(
    as_root: Client, organization: Organization
) -> None:
    person = recipient(organization)
    for _ in range(2):
        response = save(as_root, page(OptOut, "add"), recipient=person.pk, words="By phone")
        assert response.status_code == 302
    opt_out = OptOut.objects.get()
    assert (opt_out.source, opt_out.words) == (OptOut.Source.STAFF, "By phone")
    assert opt_out.organization == organization
    for name in ("change", "delete"):
        assert as_root.post(page(OptOut, name, opt_out.pk), {"post": "yes"}).status_code == 403
    response = as_root.post(page(Recipient, "delete", person.pk), {"post": "yes"})
    assert response.status_code == 403


def test_new_consent_records_who_entered_it(
    as_root: Client, organization: Organization, root: User
) -> None:
    earlier = timezone.now() - timedelta(minutes=5)
    OptOut.objects.record(organization, MOBILE, source=OptOut.Source.KEYWORD, at=earlier)
    add = page(messaging.Consent, "add")
    person = recipient(organization)
    now = timezone.localtime()
    given = {"given_0": f"{now:%Y-%m-%d}", "given_1": f"{now:%H:%M:%S}"}
    save(as_root, add, recipient=person.pk, method="Form", wording="I agree", **given)
    consent = messaging.Consent.objects.get()
    assert (consent.recorded_by, consent.recorded_by_name) == (root, str(root))
    assert not OptOut.objects.in_force().exists()


def test_consent_is_read_only_with_a_link_to_add_a_newer_one(
    as_root: Client, organization: Organization
) -> None:
    consent = messaging.Consent.objects.record(
        organization, MOBILE, method="Form", wording="I agree"
    )
    address = page(messaging.Consent, "change", consent.pk)
    html = as_root.get(address).content.decode()
    assert f'/add/?recipient={consent.recipient_id}">Add a newer one</a>' in html
    assert 'name="wording"' not in html
    assert as_root.post(address, {"wording": "Changed"}).status_code == 403


def test_a_landline_marked_as_textable_records_who_did_it(
    as_root: Client, organization: Organization, root: User
) -> None:
    person = recipient(organization)
    save(as_root, page(Recipient, "change", person.pk), capability="allowed", phone="+1")
    person.refresh_from_db()
    assert (person.capability, person.capability_by, person.phone) == ("allowed", root, MOBILE)
    assert person.capability_at


@pytest.mark.parametrize(
    ("entered", "saved"), [("(212) 555-0177", "+12125550177"), ("911", None), ("", None)]
)
def test_a_number_can_be_entered_in_any_format(
    as_root: Client, organization: Organization, entered: str, saved: str | None
) -> None:
    add = page(messaging.SenderNumber, "add")
    save(as_root, add, organization=organization.pk, phone=entered, carrier="sandbox", rate=5)
    assert list(messaging.SenderNumber.objects.values_list("phone", flat=True)) == (
        [saved] if saved else []
    )


def test_a_row_cannot_refer_to_another_organization(
    as_root: Client, lead: leads.Lead, stranger: User
) -> None:
    change = page(leads.Lead, "change", lead.pk)
    response = save(as_root, change, owner=stranger.pk, **management("addresses"))
    assert "This belongs to another organization." in response.text
    lead.refresh_from_db()
    assert lead.owner != stranger


def test_contacts_and_numbers_join_the_organization_of_their_lead(
    as_root: Client, lead: leads.Lead
) -> None:
    phone = {"phones-0-phone": "415 555 0188", "phones-0-label": "mobile"}
    response = save(
        as_root,
        page(leads.Contact, "add"),
        lead=lead.pk,
        name="Ada",
        **now(),
        **management("phones", 1) | phone | management("emails"),
    )
    assert response.status_code == 302
    number = leads.ContactPhone.objects.get()
    assert (number.phone, number.organization) == ("+14155550188", lead.organization)


def management(prefix: str, total: int = 0) -> dict[str, Any]:
    return {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": 0}


def test_a_note_records_its_author(as_root: Client, lead: leads.Lead, root: User) -> None:
    save(as_root, page(leads.Note, "add"), lead=lead.pk, text="Called", **now())
    note = leads.Note.objects.get()
    assert (note.user, note.organization) == (root, lead.organization)


def now() -> dict[str, str]:
    return {"created_0": "2026-05-12", "created_1": "12:00"}


def test_counts_are_limited(
    db: None, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smscenter.accounts.owned_admin.MOST_COUNTED", 3)
    for number in range(5):
        factories.organization(f"more-{number}")
    with CaptureQueriesContext(connection) as captured:
        assert BoundedPaginator(Organization.objects.all(), 2).count == 3
    assert "LIMIT 3" in captured[0]["sql"]


def test_only_staff_can_open_the_admin(client: Client, rep: User) -> None:
    client.force_login(rep)
    assert client.get(page(leads.Lead, "changelist")).status_code == 302


def test_a_broken_saved_view_can_be_fixed(
    as_root: Client, rep: User, organization: Organization
) -> None:
    view = SavedView.objects.create(
        organization=organization, owner=rep, name="Failed", query="statsu:new"
    )
    url = reverse("admin:search_savedview_change", args=[view.pk])
    assert "a search field" in as_root.post(url, {"name": "Failed", "query": "statsu:new"}).text
    assert as_root.post(url, {"name": "Failed", "query": "status:new"}).status_code == 302
    view.refresh_from_db()
    assert (view.query, view.owner) == ("status:new", rep)
    assert as_root.get(reverse("admin:search_savedview_add")).status_code == 403
