"""Support staff view as a member: read-only, for a while, with a banner and a record."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead, LeadVisit
from smscenter.accounts.models import Organization, User
from smscenter.audit.models import AuditRecord
from smscenter.view_as.session import KEY
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def as_support(supporter: User) -> Client:
    client = Client()
    client.force_login(supporter)
    return client


@pytest.fixture
def viewing(as_support: Client, rep: User) -> Client:
    """Return support staff who view as the rep."""
    start(as_support, rep)
    return as_support


def start(client: Client, person: User, reason: str = "Request 12") -> int:
    sent = {"reason": reason, "minutes": "30"}
    return client.post(reverse("view_as", args=[person.pk]), sent).status_code


def stop(client: Client) -> None:
    response = client.post(reverse("view_as_stop"))
    assert response["Clear-Site-Data"] == '"cache"'


def recorded(organization: Organization | None) -> list[str]:
    rows = AuditRecord.objects.filter(organization=organization).order_by("id")
    return list(rows.values_list("summary", flat=True))


def test_support_sees_what_the_member_sees(viewing: Client, lead: Lead) -> None:
    html = viewing.get(lead.get_absolute_url()).text
    assert "Bluebird Bakery" in html
    assert "Viewing as rita" in html
    assert "Request 12" in html
    assert "30 min left" in html


def test_the_owner_reads_who_and_why_and_which_pages(
    viewing: Client, lead: Lead, organization: Organization
) -> None:
    viewing.get(lead.get_absolute_url())
    viewing.get(reverse("lead_news", args=[lead.pk]), headers={"HX-Request": "true"})
    stop(viewing)
    assert recorded(organization) == [
        "sven started viewing as rita: Request 12 (30 minutes)",
        f"sven opened /leads/{lead.pk}/ as rita",
        "sven stopped viewing as rita",
    ]
    assert viewing.get("/leads/").status_code == HTTPStatus.FORBIDDEN


def test_a_second_factor_is_the_staffs_own(viewing: Client, settings: Settings) -> None:
    Organization.objects.update(requires_second_factor=True)
    assert viewing.get("/leads/").status_code == HTTPStatus.OK
    settings.STAFF_SECOND_FACTOR = True
    assert viewing.get("/leads/").status_code == HTTPStatus.FOUND


def test_nothing_is_written(viewing: Client, lead: Lead, as_rep: Client) -> None:
    """Neither by forms nor by what a page does while it's shown."""
    before = viewing.session.items()
    assert viewing.get(lead.get_absolute_url()).status_code == HTTPStatus.OK
    assert viewing.get("/leads/?q=bakery").status_code == HTTPStatus.OK
    assert not LeadVisit.objects.exists()
    assert viewing.session.items() == before
    for method in (viewing.post, viewing.put, viewing.delete):
        response = method(reverse("lead_edit", args=[lead.pk]), {"name": "Changed"})
        assert response.status_code == HTTPStatus.FORBIDDEN
    for page in ("lead_export", "mfa_index", "usersessions_list", "account_change_password"):
        assert viewing.get(reverse(page)).status_code == HTTPStatus.FORBIDDEN, page
    lead.refresh_from_db()
    assert lead.name == "Bluebird Bakery"


def test_no_file_is_downloaded_whatever_its_page_is_called(viewing: Client, rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(role=User.Role.MANAGER)
    job = factories.lead_import(rep, state="ready")
    problems = reverse("lead_import_problems", args=[job.pk])
    evidence = factories.evidence(factories.support_request(rep), rep)
    for url in (problems, reverse("evidence_file", args=[evidence.pk])):
        response = viewing.get(url)
        assert response.status_code == HTTPStatus.FORBIDDEN, url
        assert "Content-Disposition" not in response.headers


def test_nothing_new_is_offered(viewing: Client) -> None:
    """Its form would be refused."""
    assert "New lead" not in viewing.get("/palette/", {"q": "new"}).text


def test_signing_out_ends_both(viewing: Client, organization: Organization) -> None:
    viewing.post(reverse("sign_out"))
    assert viewing.get("/leads/").status_code == HTTPStatus.FOUND
    assert recorded(organization)[-1] == "sven stopped viewing as rita"
    assert recorded(None) == ["sven signed out"]


@pytest.mark.parametrize(
    "change",
    [
        lambda rep, _staff: User.objects.filter(pk=rep.pk).update(is_active=False),
        lambda rep, _staff: User.objects.filter(pk=rep.pk).update(is_staff=True),
        lambda _rep, _staff: Organization.objects.update(support_can_view_as=False),
        lambda _rep, staff: staff.groups.set(Group.objects.none()),
    ],
    ids=["member deactivated", "member became staff", "organization said no", "staff left"],
)
def test_it_ends_when_it_is_no_longer_allowed(
    viewing: Client, rep: User, supporter: User, change: object
) -> None:
    change(rep, supporter)  # type: ignore[operator]
    assert viewing.get("/leads/")["Location"] == reverse("home")
    assert viewing.get("/leads/").status_code == HTTPStatus.FORBIDDEN


def test_it_ends_after_the_time(viewing: Client, rep: User) -> None:
    session = viewing.session
    session[KEY] = session[KEY] | {"until": (timezone.now() - timedelta(seconds=1)).isoformat()}
    session.save()
    response = viewing.get("/leads/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == f"{reverse('view_as', args=[rep.pk])}?ended"
    assert response["Clear-Site-Data"] == '"cache"'
    assert "Time's up" in viewing.get(response["HX-Redirect"]).text
    assert viewing.get("/leads/").status_code == HTTPStatus.FORBIDDEN


def test_staff_and_members_of_a_reluctant_organization_cannot_be_viewed_as(
    as_support: Client, stranger: User
) -> None:
    admin = factories.user(stranger.organization, "ada", is_staff=True, is_superuser=True)
    assert start(as_support, admin) == HTTPStatus.NOT_FOUND
    Organization.objects.update(support_can_view_as=False)
    assert start(as_support, stranger) == HTTPStatus.NOT_FOUND


def test_a_reason_is_required(as_support: Client, rep: User) -> None:
    assert start(as_support, rep, reason=" ") == HTTPStatus.UNPROCESSABLE_ENTITY
    assert KEY not in as_support.session


def test_a_page_of_another_tab_acts_for_no_one_else(as_support: Client, rep: User) -> None:
    owner = as_support.get(reverse("review_queue")).text.partition('name="page-owner" content="')[2]
    headers = {"X-Page-Owner": owner.partition('"')[0]}
    start(as_support, rep)
    response = as_support.get("/leads/", headers=headers)
    assert response.status_code == HTTPStatus.CONFLICT
