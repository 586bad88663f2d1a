"""A page to go back to is one of ours, whatever a link or form says."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertRedirects

from messaging.models import Recipient
from smscenter.accounts.models import Organization
from tests import factories

pytestmark = pytest.mark.once

OTHERS = ["no-such-view", "//evil.example/", "https://evil.example/", "javascript:alert(1)", ""]


@pytest.mark.parametrize("url", OTHERS)
def test_the_admin_opens_its_first_page_instead(client: Client, db: None, url: str) -> None:
    client.force_login(factories.user(None, "susan", is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:login"), {"next": url})
    assertRedirects(page, reverse("admin:index"), fetch_redirect_response=False)


@pytest.mark.parametrize("url", OTHERS)
def test_a_list_opens_instead(as_rep: Client, url: str) -> None:
    columns = {"model": "lead", "columns": ["name"], "next": url}
    page = as_rep.post(reverse("list_columns"), columns)
    assertRedirects(page, reverse("lead_list"), fetch_redirect_response=False)


@pytest.mark.parametrize("url", OTHERS)
def test_the_home_page_opens_instead(as_rep: Client, organization: Organization, url: str) -> None:
    number = Recipient.objects.create(organization=organization, phone="+14155550123")
    page = as_rep.post(reverse("recipient_allow", args=[number.pk]), {"next": url})
    assertRedirects(page, reverse("home"), fetch_redirect_response=False)
