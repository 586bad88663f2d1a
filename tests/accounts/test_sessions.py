from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertRedirects


def test_a_session_cookie_that_nobody_set_gets_the_sign_in_page(client: Client, db: None) -> None:
    """NUL, which a cookie has as `\\000`, is what PostgreSQL refuses in text."""
    page = client.get(reverse("lead_list"), headers={"cookie": r'sessionid="\000bcdefgh"'})
    assertRedirects(page, f"{reverse('sign_in')}?next={reverse('lead_list')}")
