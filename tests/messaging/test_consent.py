"""Consent is recorded beside a number as evidence, and only superseded."""

import csv
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from messaging.models import Consent, OptOut, Recipient
from smscenter.accounts.models import Organization, User
from tests import factories
from tests.factories import MOBILE, OTHER_MOBILE

URL = "/consent/?phone=%2B14155550123"


@pytest.fixture(autouse=True)
def contact(lead: Lead) -> None:
    factories.contact(lead)


@pytest.fixture
def manager(organization: Organization) -> User:
    return factories.user(organization, "mona", role="manager")


def typed(**changes: str) -> dict[str, str]:
    return {
        "method": "Web form",
        "given": "2026-11-03T10:30",
        "wording": "I agree to get texts from Acme.",
        "version": "2026-02",
        "place": "Footer",
        "page": "https://acme.example/contact",
        "form_token": str(uuid4()),
    } | changes


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def record(organization: Organization, phone: str = MOBILE, **fields: Any) -> Consent:
    return Consent.objects.record(
        organization, phone, **{"method": "Web form", "wording": "I agree."} | fields
    )


class TestRecording:
    @pytest.mark.once
    def test_a_rep_records_it_beside_the_number(
        self, as_rep: Client, rep: User, lead: Lead
    ) -> None:
        html = as_rep.get(lead.get_absolute_url()).content.decode()
        assert "No consent on record." in html
        assert f'href="{URL}">Record consent' in html
        page = as_rep.post(URL, typed(), follow=True).content.decode()

        consent = Consent.objects.get()
        assert (consent.recipient.phone, consent.version) == (MOBILE, "2026-02")
        assert (consent.recorded_by, consent.recorded_by_name) == (rep, "rita")
        assert consent.given.isoformat() == "2026-11-03T15:30:00+00:00"
        for shown in ("Web form", "Footer", "https://acme.example/contact", "2026-02", "by rita"):
            assert shown in page
        html = as_rep.get(lead.get_absolute_url()).content.decode()
        assert "Consent on record. Web form, Nov 3, 2026." in html

    def test_a_newer_record_supersedes_it(self, as_rep: Client) -> None:
        as_rep.post(URL, typed())
        page = as_rep.post(URL, typed(wording="Corrected", given="2026-11-02T10:30"), follow=True)
        old, new = Consent.objects.order_by("id")
        assert new.supersedes == old
        assert list(Consent.objects.current()) == [new]
        html = page.content.decode()
        assert html.index("Corrected") < html.index("Superseded") < html.index("I agree to get")

    def test_the_same_form_posted_twice_is_one_record(self, as_rep: Client) -> None:
        form = typed()
        for _ in range(2):
            assert as_rep.post(URL, form).status_code == 302
        assert Consent.objects.count() == 1

    @pytest.mark.once
    @pytest.mark.parametrize(
        ("field", "value"), [("given", "2999-01-01T00:00"), ("wording", " "), ("method", "Guess")]
    )
    def test_incomplete_evidence_is_refused(self, as_rep: Client, field: str, value: str) -> None:
        response = as_rep.post(URL, typed(**{field: value}))
        assert response.status_code == 422
        assert f'id="consent_{field}_error"' in response.content.decode()
        assert not Consent.objects.exists()

    @pytest.mark.once
    @pytest.mark.parametrize("phone", ["%2B14155550177", "", "x", "911"])
    def test_an_unknown_number_is_not_found(self, as_rep: Client, phone: str) -> None:
        for method in ("get", "post"):
            assert getattr(as_rep, method)(f"/consent/?phone={phone}").status_code == 404
        assert as_rep.post(f"/opt-outs/new/?phone={phone}").status_code == 404

    @pytest.mark.once
    def test_another_organization_neither_sees_nor_writes_it(
        self, as_stranger: Client, organization: Organization
    ) -> None:
        record(organization)
        assert as_stranger.get(URL).status_code == 404
        assert as_stranger.post(URL, typed()).status_code == 404
        assert as_stranger.post("/opt-outs/new/?phone=%2B14155550123").status_code == 404
        assert Consent.objects.count() == 1

    def test_an_older_record_that_is_imported_supersedes_nothing(
        self, organization: Organization
    ) -> None:
        newer = record(organization)
        older = record(organization, given=timezone.now() - timedelta(days=90))
        assert older.supersedes is None
        assert Consent.objects.by_phone(organization, [MOBILE]) == {MOBILE: newer}


class TestOptOuts:
    @pytest.fixture
    def opt_out(self, organization: Organization) -> OptOut:
        at = timezone.now() - timedelta(days=2)
        return OptOut.objects.record(
            organization, MOBILE, source=OptOut.Source.KEYWORD, words="STOP", at=at
        )

    def post(self, user: User, at: Any) -> bool:
        """Record consent given at this time. Return whether the opt-out is still in force."""
        given = timezone.localtime(at, user.zone).strftime("%Y-%m-%dT%H:%M")
        assert as_user(user).post(URL, typed(given=given)).status_code == 302
        return OptOut.objects.in_force().exists()

    @pytest.mark.usefixtures("opt_out")
    def test_only_a_managers_record_ends_one(self, rep: User, manager: User) -> None:
        assert self.post(rep, timezone.now())
        assert not self.post(manager, timezone.now())
        assert OptOut.objects.get().ended_by == "New consent: Web form"

    def test_consent_before_the_opt_out_does_not_end_it(
        self, manager: User, opt_out: OptOut
    ) -> None:
        assert self.post(manager, opt_out.created - timedelta(days=1))

    @pytest.mark.once
    @pytest.mark.usefixtures("opt_out")
    def test_the_page_shows_cause_and_scope(self, as_rep: Client) -> None:
        html = as_rep.get(URL).content.decode()
        for shown in ("Replied with a keyword: “STOP”", "your whole organization", "A manager can"):
            assert shown in html

    def test_someone_can_record_an_opt_out_made_by_phone(self, as_rep: Client, rep: User) -> None:
        as_rep.post("/opt-outs/new/?phone=%2B14155550123", {"words": "Told me on the phone"})
        opt_out = OptOut.objects.in_force().get()
        assert (opt_out.source, opt_out.certain, opt_out.sender) == ("staff", True, None)
        assert (opt_out.words, opt_out.decided_by) == ("Told me on the phone", rep)


@pytest.mark.once
class TestFailedText:
    def test_its_page_shows_consent(
        self, as_rep: Client, lead: Lead, organization: Organization
    ) -> None:
        text = factories.message(lead, status="error", reason="spam")
        assert "No consent on record." in as_rep.get(f"/messages/{text.pk}/").content.decode()
        record(organization)
        assert "<q>I agree.</q>" in as_rep.get(f"/messages/{text.pk}/").content.decode()

    def test_the_lead_page_links_to_consent(self, as_rep: Client, lead: Lead) -> None:
        factories.message(lead, status="error", reason="spam")
        html = as_rep.get(lead.get_absolute_url()).content.decode()
        assert f'<a class="quiet" href="{URL}">Consent and opt-outs</a>' in html


class TestExport:
    def rows(self, client: Client, query: str = "") -> list[dict[str, str]]:
        response = client.get(f"/consent/export/{query}")
        lines = response.getvalue().decode().removeprefix("\ufeff").splitlines()
        return list(csv.DictReader(lines))

    def test_it_has_every_record_with_what_it_supersedes(
        self, as_rep: Client, as_stranger: Client, organization: Organization, rep: User
    ) -> None:
        first = record(organization, recorded_by=rep, version="1")
        second = record(organization, wording="=1+1")
        record(organization, OTHER_MOBILE)
        rows = self.rows(as_rep)
        assert [row["number"] for row in rows] == [MOBILE, MOBILE, OTHER_MOBILE]
        assert rows[0]["recorded by"] == "rita"
        assert (rows[1]["supersedes"], rows[1]["wording"]) == (str(first.pk), "'=1+1")
        assert len(self.rows(as_rep, "?phone=%2B14155550123")) == 2
        assert self.rows(as_stranger) == []
        assert second.supersedes == first


class TestLedger:
    """The database refuses changes, whoever writes."""

    @pytest.fixture
    def consent(self, organization: Organization, rep: User) -> Consent:
        return record(organization, recorded_by=rep)

    @pytest.mark.parametrize(
        "changes",
        [
            {"wording": "I agree to everything."},
            {"given": timezone.now() - timedelta(days=1)},
            {"recorded": timezone.now() - timedelta(days=1)},
            {"version": "2"},
            {"recorded_by_name": "someone"},
            {"supersedes": models.F("id")},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_a_record_cannot_be_changed(self, consent: Consent, changes: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.filter(pk=consent.pk).update(**changes)

    def test_it_cannot_be_deleted(self, consent: Consent) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.all()._raw_delete("default")
        with pytest.raises(models.ProtectedError):
            consent.recipient.delete()

    def test_it_cannot_be_credited_to_someone_else(self, consent: Consent, stranger: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.filter(pk=consent.pk).update(recorded_by=stranger)

    def test_the_name_stays_when_the_user_is_deleted(
        self, consent: Consent, colleague: User, rep: User
    ) -> None:
        Lead.objects.update(owner=colleague)
        rep.delete()
        consent.refresh_from_db()
        assert (consent.recorded_by, consent.recorded_by_name) == (None, "rita")

    def test_it_cannot_supersede_another_numbers_record(
        self, consent: Consent, organization: Organization
    ) -> None:
        other = Recipient.objects.for_phone(organization, OTHER_MOBILE)
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(
                organization=organization, recipient=other, method="Form", supersedes=consent
            )

    @pytest.mark.usefixtures("consent")
    def test_it_goes_with_its_number(self) -> None:
        with transaction.atomic():
            Recipient.objects.all()._raw_delete("default")
            Consent.objects.all()._raw_delete("default")
        assert not Consent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_simultaneous_records_supersede_one_another(rep: User, organization: Organization) -> None:
    ready = threading.Barrier(4)

    def add() -> None:
        try:
            ready.wait()
            record(organization, recorded_by=rep)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    consents = list(Consent.objects.order_by("id"))
    assert len(consents) == 4
    assert len({consent.supersedes_id for consent in consents}) == 4
    assert Consent.objects.current().count() == 1
