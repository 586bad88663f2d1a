"""Links, forms, and cookies have text that PostgreSQL or Python refuses."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories


@pytest.fixture
def as_root(client: Client, db: None) -> Client:
    client.force_login(factories.user(None, "root", is_staff=True, is_superuser=True))
    return client


def assert_unreadable(page: Any) -> None:
    """Check the response to NUL, which SQLite takes like any other character."""
    if connection.vendor == "postgresql":
        assertContains(page, "We couldn't read that", status_code=400)
    else:
        assert page.status_code == 200


def test_a_session_cookie_with_nul_gets_the_sign_in_page(client: Client, db: None) -> None:
    page = client.get(reverse("lead_list"), headers={"cookie": r'sessionid="\000bcdefgh"'})
    assertRedirects(page, f"{reverse('sign_in')}?next={reverse('lead_list')}")


@pytest.mark.parametrize("name", ["member_list", "lead_export"])
def test_a_link_with_nul_gets_a_page(as_rep: Client, rep: User, name: str) -> None:
    User.objects.filter(pk=rep.pk).update(role=User.Role.MANAGER)
    page = as_rep.get(reverse(name), {"q": "a\0"})
    assert_unreadable(page)


def test_a_link_into_the_admin_with_nul_isnt_slow(as_root: Client) -> None:
    page = as_root.get(reverse("admin:leads_contact_changelist"), {"name": "a\0"})
    assert_unreadable(page)


def test_a_long_name_is_a_wrong_one(client: Client, db: None) -> None:
    typed = {"username": "a" * 3_000, "password": "wrong"}
    assertContains(client.post(reverse("sign_in"), typed), "Wrong username or password.")


def test_a_number_of_thousands_of_digits_is_no_row(as_rep: Client, rep: User, lead: Lead) -> None:
    User.objects.filter(pk=rep.pk).update(role=User.Role.OWNER)
    thread, number = factories.thread(lead), "9" * 5_000
    as_rep.post(reverse("thread_assign", args=[thread.pk]), {"assignee": "", "expected": number})
    thread.refresh_from_db()
    assert thread.assignee == rep
    as_rep.post(reverse("message_picture", args=[lead.pk]), {"picture": number})
    leave = reverse("member_deactivate", args=[rep.pk])
    assert as_rep.post(leave, {"to": number}).status_code in {302, 404}


def test_a_forged_link_to_an_add_page_of_the_admin_fills_in_nothing(
    as_root: Client, lead: Lead
) -> None:
    forged = {"organization": "abc", "created": "abc", "name": "Ada Baker"}
    assert as_root.get(reverse("admin:accounts_user_add"), forged).status_code == 200
    page = reverse("admin:leads_contact_add")
    assertContains(as_root.get(page, forged | {"lead": "abc"}), 'value="Ada Baker"')
    right = as_root.get(page, forged | {"lead": str(lead.pk)})
    assertContains(right, f'<option value="{lead.pk}" selected>')
