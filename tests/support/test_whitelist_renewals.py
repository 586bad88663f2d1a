"""Test several whitelistings of one number: carriers grant and revoke the number."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import SenderNumber
from smscenter.accounts.models import User
from smscenter.support.models import Mail, SupportRequest, SupportRequestEvent, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests.whitelistings import notify_expired, revoke
from tests import factories
from tests.mailing import write_mails
from tests.support.conftest import DETAILS

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]


@pytest.fixture
def renewed(
    support_request: SupportRequest, bring: Bring, rep: User, sender: SenderNumber
) -> SupportRequest:
    """Return a second request, submitted while the first whitelisting was in force."""
    User.objects.filter(pk=rep.pk).update(email="rita@acme.example")
    bring(SupportRequest.objects.get(), State.WHITELISTED)
    later = factories.support_request(User.objects.get(pk=rep.pk), sender=sender, **DETAILS)
    bring(later, State.WHITELISTED)
    return later


def subjects(support_request: SupportRequest) -> list[str]:
    write_mails()
    return [
        mail.subject.partition(": ")[0] for mail in Mail.objects.filter(request=support_request)
    ]


def test_the_expiry_of_a_renewed_whitelisting_sends_no_notice(
    support_request: SupportRequest, renewed: SupportRequest
) -> None:
    past = timezone.now() - timedelta(days=2)
    Whitelisting.objects.filter(request=support_request).update(
        granted=past, expires=past + timedelta(days=1)
    )
    assert notify_expired() == 0
    assert "Whitelisting expired" not in subjects(support_request)
    Whitelisting.objects.update(granted=past, expires=past + timedelta(days=1))
    assert notify_expired() == 1
    assert "Whitelisting expired" in subjects(renewed)
    assert "Whitelisting expired" not in subjects(support_request)


def test_a_revocation_ends_all_whitelistings_of_the_number(
    support_request: SupportRequest, renewed: SupportRequest, supporter: User
) -> None:
    revoke(renewed.whitelisting, supporter, "Complaints.")
    assert not Whitelisting.objects.in_force().exists()
    for request in (support_request, renewed):
        assert subjects(request).count("Whitelisting revoked") == 1
        assert request.events.filter(note="The whitelisting was revoked. Complaints.").count() == 1


def test_a_whitelisting_at_another_carrier_is_kept(
    support_request: SupportRequest, renewed: SupportRequest, supporter: User
) -> None:
    Whitelisting.objects.filter(request=support_request).update(carrier="twilio")
    revoke(renewed.whitelisting, supporter, "Complaints.")
    assert [whitelisting.carrier for whitelisting in Whitelisting.objects.in_force()] == ["twilio"]
