"""A worker is killed in the middle of an SMTP session."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from smscenter.accounts.models import Organization, User
from smscenter.support.models import Mail, SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories
from tests.faults.workers import Workers, wait_until
from tests.mailing import write_mails
from tests.support.mail_server import Mailbox, MailServer

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@dataclass
class SlowMailbox(Mailbox):
    """Receive a mail, and don't respond while `is_blocked`."""

    is_blocked: bool = True
    received: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.received += 1
        while self.is_blocked:
            await asyncio.sleep(0.01)
        return await super().handle_DATA(server, session, envelope)


def test_another_worker_sends_the_mail_of_a_killed_one(
    rep: User, organization: Organization
) -> None:
    rep.email = "rita@acme.example"
    rep.save()
    support_request = SupportRequest.objects.create(
        organization=organization, created_by=rep, kind="other", subject="Why?", body="Why?"
    )
    move(support_request, State.SUBMITTED, rep)
    staff = factories.user(None, "susan", is_staff=True, is_superuser=True)
    move(support_request, State.ANSWERED, staff, "Because.")
    write_mails()
    server = MailServer()
    server.box = box = SlowMailbox()
    workers = Workers(1, "http://127.0.0.1:9")
    workers.environment |= {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}"}
    with server, workers:
        wait_until(lambda: box.received == 1)
        workers.kill(0)
        assert Mail.objects.get().state == "sending"
        box.is_blocked = False
        # The next worker waits for the lease to expire, so expire it.
        Mail.objects.update(lease_until=timezone.now())
        workers.start()
        wait_until(lambda: Mail.objects.get().state == "sent", every=0.1)
        assert workers.stop() == [0]
    mail = Mail.objects.get()
    assert mail.tries == 2
    # The server may have kept the killed worker's mail too: both have the same Message-ID.
    assert {mail["Message-ID"].partition("@")[0] for mail in box.mails} == {f"<{mail.key}"}
