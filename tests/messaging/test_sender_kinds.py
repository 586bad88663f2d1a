"""Texts can also come from short codes, and from names where carriers take them."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from leads.models import ContactPhone, Lead
from messaging import carriers
from messaging.models import OptOut, SenderNumber, SmsMessage
from messaging.models.sender_id import SenderKind
from smscenter.accounts.models import Organization
from tests import factories
from tests.html import html_of
from tests.messaging.calls import text
from tests.messaging.composing.forms import form, post

CANADIAN = "+14165550123"
MEXICAN = "+525512345678"


@pytest.fixture
def short_code(organization: Organization) -> SenderNumber:
    return factories.sender(organization, phone="72975", country="US", label="Alerts")


@pytest.fixture
def name(organization: Organization) -> SenderNumber:
    organization.regions = ["US", "CA", "MX"]
    organization.save()
    return factories.sender(organization, phone="Acme Solar", label="")


def phone_of(lead: Lead, number: str) -> ContactPhone:
    return factories.contact(lead, phone=number).phones.get()


def check(client: Client, lead: Lead, number: str, sender: SenderNumber) -> str:
    return html_of(post(client, lead, "check", form(phone_of(lead, number), sender)))


class TestAdding:
    def add(self, organization: Organization, **fields: Any) -> str:
        client = Client()
        client.force_login(factories.user(None, "susan", is_staff=True, is_superuser=True))
        data = {"organization": organization.pk, "carrier": "sandbox", "rate": 5} | {
            f"{status}_status": "not_submitted" for status in ("brand", "campaign", "verification")
        }
        return html_of(client.post("/admin/messaging/sendernumber/add/", data | fields))

    @pytest.mark.once
    @pytest.mark.parametrize(
        ("fields", "kind"),
        [
            ({"phone": "(212) 555-0177", "registration": "10dlc"}, SenderKind.LOCAL),
            ({"phone": "800 555 0177", "registration": "toll_free"}, SenderKind.TOLL_FREE),
            ({"phone": " 72975 ", "country": "CA"}, SenderKind.SHORT_CODE),
            ({"phone": "729750", "country": "US", "registration": "short_code"}, "short_code"),
            ({"phone": "Acme Solar"}, SenderKind.NAME),
        ],
    )
    def test_each_kind_can_be_added(
        self, organization: Organization, fields: dict[str, str], kind: SenderKind
    ) -> None:
        self.add(organization, **fields)
        assert SenderNumber.objects.get().kind == kind

    @pytest.mark.once
    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"phone": "911"}, "This is a short number."),
            ({"phone": "72975"}, "Choose the short code&#x27;s country."),
            ({"phone": "+12125550177", "country": "US"}, "Only a short code has a country."),
            ({"phone": "Acme Solar Co"}, "A name has up to 11 letters"),
            ({"phone": "Crème"}, "A name has up to 11 letters"),
            ({"phone": "Acme", "registration": "10dlc"}, "only for a local number."),
            (
                {"phone": "72975", "country": "US", "registration": "toll_free"},
                "Choose this registration only for a toll-free number.",
            ),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, organization: Organization, fields: dict[str, str], message: str
    ) -> None:
        assert message in self.add(organization, **fields)
        assert not SenderNumber.objects.exists()

    @pytest.mark.once
    def test_a_name_needs_a_carrier_that_takes_it(
        self, organization: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(type(carriers.get("sandbox")), "takes_names", False)
        assert "Sandbox doesn&#x27;t send texts from a name." in self.add(
            organization, phone="Acme"
        )

    def test_the_database_refuses_a_country_for_a_number(self, organization: Organization) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.sender(organization, country="US")


@pytest.mark.once
class TestSending:
    def test_a_short_code_only_texts_its_own_country(
        self, as_rep: Client, lead: Lead, short_code: SenderNumber
    ) -> None:
        assert "72975 can only text" not in check(as_rep, lead, factories.MOBILE, short_code)
        html = check(as_rep, lead, CANADIAN, short_code)
        assert (
            "the short code 72975 can only text numbers in the United States. "
            "Choose another sender number." in html
        )
        data = form(phone_of(lead, CANADIAN), short_code)
        assert post(as_rep, lead, "new", data).status_code == 422
        assert not SmsMessage.objects.exists()

    def test_a_name_is_refused_in_north_america_and_gets_no_replies(
        self, as_rep: Client, lead: Lead, name: SenderNumber
    ) -> None:
        for number, place in ((factories.MOBILE, "the United States"), (CANADIAN, "Canada")):
            html = check(as_rep, lead, number, name)
            assert f"carriers in {place} don&#x27;t accept texts from a name." in html
        html = check(as_rep, lead, MEXICAN, name)
        assert "don&#x27;t accept texts from a name" not in html
        assert "reply to “Acme Solar”, not even with STOP." in html
        assert "Acme Solar (no replies)" in html_of(as_rep.get(lead.get_absolute_url()))


def test_a_text_to_a_short_code_reaches_its_organization(
    lead: Lead, short_code: SenderNumber
) -> None:
    factories.contact(lead)
    text("Yes", to="72975")
    message = SmsMessage.objects.get()
    assert (message.lead, message.sender, message.local_phone) == (lead, short_code, "72975")
    text("STOP", to="72975", sid="SMin2")
    opt_out = OptOut.objects.get()
    assert (opt_out.sender, opt_out.scope) == (short_code, "72975")


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from:72975", ["Hello from the code"]),
        ("from:729", []),
        ('from:"Acme Solar"', ["Hello from Acme"]),
        ("from:acme*", None),
        ('from:"acme solar"', ["Hello from Acme"]),
        ("number:72975", ["Hello from the code"]),
    ],
)
def test_short_codes_and_names_are_found(
    as_rep: Client,
    lead: Lead,
    short_code: SenderNumber,
    name: SenderNumber,
    query: str,
    found: list[str] | None,
) -> None:
    for sender, words in ((short_code, "Hello from the code"), (name, "Hello from Acme")):
        factories.message(lead, sender=sender, local_phone=sender.phone, text=words)
    html = html_of(as_rep.get("/messages/", {"q": query}))
    for words in ("Hello from the code", "Hello from Acme"):
        assert (words in html) == (found is not None and words in found)


@pytest.mark.once
def test_the_pages_say_what_kind_a_number_is(
    as_rep: Client, short_code: SenderNumber, name: SenderNumber
) -> None:
    html = html_of(as_rep.get("/senders/"))
    assert "Short code, United States · Shared" in html
    assert "Alphanumeric sender · Shared" in html
    assert "People can't reply to it." in html_of(as_rep.get(f"/senders/{name.pk}/"))
