"""A rep sees when a failed text is retried, and stops it."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from leads.models import Lead
from messaging.models import Attempt
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn


def test_a_retry_is_canceled_from_the_label(
    page: Page, live_server: LiveServer, sign_in: SignIn, rep: User, lead: Lead
) -> None:
    contact, sender = factories.contact(lead), factories.sender(lead.organization)
    message = factories.message(lead, status="outbox", contact=contact, sender=sender)
    fields = {"organization": lead.organization, "message": message, "carrier": "sandbox"}
    failed = {"state": "failed", "reason": "unreachable", "code": "30003"}
    Attempt.objects.create(**fields, **failed, carrier_words="Phone is off")
    Attempt.objects.create(**fields, number=2, due=timezone.now() + timedelta(hours=20))
    sign_in(page, rep, f"{live_server.url}/leads/{lead.pk}/")
    page.get_by_role("button", name="retrying").click()
    why = page.get_by_role("dialog", name="Phone unreachable")
    expect(why).to_contain_text("Phone is off")
    expect(why).to_contain_text("Retrying automatically")
    why.get_by_role("button", name="Cancel").click()
    label = page.get_by_role("button", name="error: Phone unreachable")
    expect(label).to_be_visible()
    expect(page.get_by_text("Retrying automatically")).to_have_count(0)
    label.click()
    why = page.get_by_role("dialog", name="Phone unreachable")
    expect(why.get_by_role("button", name="Resend")).to_be_visible()
