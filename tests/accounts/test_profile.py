"""People change their name, time zone, and theme."""

import pytest
from django.test import Client

from smscenter.accounts.models import User
from tests.html import html_of

pytestmark = pytest.mark.once


def test_name_and_time_zone_are_changed(as_rep: Client, rep: User) -> None:
    data = {"first_name": "Robin", "last_name": "Vale", "time_zone": "America/Denver"}
    response = as_rep.post("/profile/", data | {"theme": "dark"}, follow=True)
    html = html_of(response)
    assert "Profile saved." in html
    assert "<strong>Robin Vale</strong>" in html
    assert 'data-theme="dark"' in html
    rep.refresh_from_db()
    assert rep.zone.key == "America/Denver"


def test_what_is_invalid_is_refused(as_rep: Client, rep: User) -> None:
    data = {"first_name": "Robin", "time_zone": "Mars/Olympus", "theme": "dark", "role": "manager"}
    response = as_rep.post("/profile/", data)
    assert response.status_code == 422
    assert "from the list." in html_of(response)
    rep.refresh_from_db()
    assert (rep.time_zone, rep.theme, rep.role) == ("", "system", "rep")


def test_the_theme_is_chosen_on_any_page(as_rep: Client, rep: User) -> None:
    response = as_rep.post(
        "/profile/theme/", {"theme": "light"}, HTTP_REFERER="http://testserver/leads/?q=x"
    )
    assert response["Location"] == "http://testserver/leads/?q=x"
    assert 'data-theme="light"' in html_of(as_rep.get("/leads/"))
    elsewhere = as_rep.post(
        "/profile/theme/", {"theme": "dark"}, HTTP_REFERER="https://evil.example/"
    )
    assert elsewhere["Location"] == "/profile/"
    assert as_rep.post("/profile/theme/", {"theme": "pink"}).status_code == 400
