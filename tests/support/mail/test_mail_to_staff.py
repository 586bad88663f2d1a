"""Test emails to the assignee about actions of the requester."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from smscenter.accounts.models import Organization, User
from smscenter.support.mail import outbox
from smscenter.support.models import Mail, SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.review.actions import assign
from tests.mailing import write_mails
from tests.support.mail_server import MailServer, text_of

Bring = Callable[[SupportRequest, State], list[SupportRequestEvent]]


@pytest.fixture(autouse=True)
def reachable(rep: User) -> None:
    rep.email = "rita@acme.example"
    rep.save()


def test_the_assignee_is_notified_of_a_reply(
    mail_server: MailServer,
    support_request: SupportRequest,
    bring: Bring,
    rep: User,
    supporter: User,
    settings: Settings,
) -> None:
    bring(support_request, State.SUBMITTED)
    settings.PUBLIC_URL = "https://sms.example"
    assign(support_request, supporter, supporter)
    move(support_request, State.MORE_INFORMATION, supporter, "Which page?")
    move(support_request, State.SUBMITTED, rep, "The one with the box.")
    move(support_request, State.WITHDRAWN, rep)
    write_mails()
    outbox.send_due()
    assert mail_server.box.recipients == [rep.email, supporter.email, supporter.email]
    _, answered, withdrawn = mail_server.box.mails
    assert answered["Subject"] == "Submitted: (212) 555-0100 (Acme)"
    assert withdrawn["Subject"] == "Withdrawn: (212) 555-0100 (Acme)"
    text = text_of(answered)
    for words in (
        "Hi sven",
        "The one with the box.",
        f"https://sms.example/review/{support_request.pk}/",
    ):
        assert words in text


@pytest.mark.parametrize("change", [{"is_staff": False, "is_superuser": False}, {"email": ""}])
def test_former_support_staff_are_not_notified(
    support_request: SupportRequest,
    bring: Bring,
    rep: User,
    organization: Organization,
    change: dict[str, object],
) -> None:
    bring(support_request, State.SUBMITTED)
    staff = User.objects.get(username="susan")
    assign(support_request, staff, staff)
    User.objects.filter(pk=staff.pk).update(
        **{"email": "susan@support.example", "organization": organization} | change
    )
    move(SupportRequest.objects.get(), State.WITHDRAWN, rep)
    write_mails()
    assert not Mail.objects.exists()
