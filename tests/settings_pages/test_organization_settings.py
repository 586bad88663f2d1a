"""Managers change what holds for everyone in their organization. Others can't."""

import time

import pytest
from django.test import Client
from pytest_django import Settings

from smscenter.accounts.models import Organization, User
from tests.html import html_of

PAGES = ["/settings/organization/", "/settings/texting/"]
pytestmark = pytest.mark.once


def texting(**changes: object) -> dict[str, object]:
    return {"regions": ["US", "CA"], "quiet_hours": "warn"} | changes


def test_a_manager_renames_the_organization(as_manager: Client, manager: User) -> None:
    posted = {"name": "Acme West", "time_zone": "America/Denver"}
    page = as_manager.post("/settings/organization/", posted, follow=True)
    assert "Organization saved." in html_of(page)
    organization = Organization.objects.get(members=manager)
    assert (organization.name, organization.time_zone) == ("Acme West", "America/Denver")


def test_an_organization_only_shortens_the_limits_of_sessions(
    as_manager: Client, manager: User, settings: Settings
) -> None:
    settings.SIGN_OUT_IDLE_MINUTES, settings.SIGN_OUT_AFTER_HOURS = 60, 0
    posted = {"name": "Acme", "time_zone": "America/Denver"}
    page = as_manager.post("/settings/organization/", posted | {"sign_out_idle_minutes": "60"})
    assert "from the list." in html_of(page)
    as_manager.post("/settings/organization/", posted | {"sign_out_idle_minutes": "15"})
    session = as_manager.session
    session["signed_in_at"], session["seen_at"] = int(time.time()), int(time.time()) - 14 * 60
    session.save()
    assert as_manager.get("/settings/organization/").status_code == 200
    Organization.objects.filter(members=manager).update(sign_out_after_hours=8)
    session["signed_in_at"] = int(time.time()) - 9 * 3600
    session.save()
    assert as_manager.get("/settings/organization/").status_code == 302


def test_countries_are_chosen_by_name(as_manager: Client, manager: User) -> None:
    page = as_manager.get("/settings/texting/")
    assert "United States" in html_of(page)
    as_manager.post("/settings/texting/", texting(regions=["US"], another="MX"))
    organization = Organization.objects.get(members=manager)
    assert organization.regions == ["US", "MX"]
    page = as_manager.post("/settings/texting/", texting(regions=[]))
    assert "Choose at least one country." in html_of(page)


def test_replies_are_previewed_as_people_get_them(as_manager: Client, manager: User) -> None:
    page = as_manager.get("/settings/texting/")
    assert f"{manager.organization}: Reply to this text" in html_of(page)
    own = texting(help_reply="Call us. Reply STOP to opt out.", preview="yes")
    page = as_manager.post("/settings/texting/", own)
    assert "1 segment" in html_of(page)
    assert not Organization.objects.exclude(help_reply="").exists()
    as_manager.post("/settings/texting/", own | {"preview": ""})


def test_a_help_reply_says_how_to_opt_out(as_manager: Client) -> None:
    page = as_manager.post("/settings/texting/", texting(help_reply="Call us."))
    assert "Carriers require this text to say how to opt out: Reply STOP." in html_of(page)


@pytest.mark.parametrize("url", PAGES)
def test_reps_can_neither_see_nor_change_them(as_rep: Client, url: str) -> None:
    assert as_rep.get(url).status_code == 403
    assert as_rep.post(url, {"name": "Mine"}).status_code == 403
    assert url not in as_rep.get("/settings/").content.decode()
