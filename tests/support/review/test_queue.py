"""Test the review queue, with requests of all organizations."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from smscenter.accounts.models import Organization, User
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.review.actions import assign
from smscenter.support.review.measures import measure
from tests import factories
from tests.queries import number_of
from tests.support.conftest import DETAILS
from tests.support.review.conftest import Bring

QUEUE = reverse("review_queue")


def shown(client: Client, **query: str) -> list[SupportRequest]:
    return list(client.get(QUEUE, query).context["page"].rows)


def test_open_requests_of_all_organizations_are_listed(
    as_supporter: Client, waiting: SupportRequest, other_request: SupportRequest
) -> None:
    assert shown(as_supporter) == [waiting, other_request]
    text = as_supporter.get(QUEUE).content.decode()
    assert "Zanzibar question" in text
    assert reverse("review_detail", args=[waiting.pk]) in text


@pytest.mark.once
def test_headings_name_what_the_columns_show(as_supporter: Client, waiting: SupportRequest) -> None:
    page = as_supporter.get(QUEUE).content.decode()
    headings = re.findall(r'<th scope="col"[^>]*>\s*(?:<a[^>]*>)?\s*([^<]*?)\s*<', page)
    assert headings == ["Request", "Organization", "Status", "Assigned to", "Waiting", "Submitted"]


@pytest.mark.once
def test_drafts_are_not_listed(as_supporter: Client, support_request: SupportRequest) -> None:
    assert shown(as_supporter, state="") == []
    assert as_supporter.get(reverse("review_detail", args=[support_request.pk])).status_code == 404


@pytest.mark.once
def test_only_support_staff_have_access(client: Client, rep: User, waiting: SupportRequest) -> None:
    curious = factories.user(None, "curt", is_staff=True)
    member = factories.user(rep.organization, "mina")
    member.user_permissions.add(Permission.objects.get(codename="change_supportrequest"))
    for person in (rep, curious, member):
        client.force_login(person)
        for name in ("detail", "move", "assign", "note", "revoke", "mail"):
            url = reverse(f"review_{name}", args=[waiting.pk])
            assert client.get(url).status_code == client.post(url).status_code == 404
        assert client.get(QUEUE).status_code == client.post(QUEUE).status_code == 404
        assert client.post(reverse("review_next")).status_code == 404
        assert "/review/" not in client.get("/help/").content.decode()


@pytest.mark.once
def test_the_queue_is_linked_for_support_staff(as_supporter: Client) -> None:
    assert 'href="/review/"' in as_supporter.get("/help/").content.decode()


@pytest.mark.once
def test_open_requests_are_shown_by_default(
    as_supporter: Client, waiting: SupportRequest, question: SupportRequest, bring: Bring
) -> None:
    bring(question, State.ANSWERED)
    assert shown(as_supporter) == [waiting]
    assert shown(as_supporter, state="answered") == [question]
    assert set(shown(as_supporter, state="")) == {waiting, question}


def test_the_queue_can_be_filtered(
    as_supporter: Client,
    supporter: User,
    waiting: SupportRequest,
    other_request: SupportRequest,
) -> None:
    assign(waiting, supporter, supporter)
    SupportRequest.objects.filter(pk=waiting.pk).update(
        submitted=timezone.now() - timedelta(days=4)
    )
    assert shown(as_supporter, assignee=str(supporter.pk)) == [waiting]
    assert shown(as_supporter, assignee="null") == [other_request]
    assert shown(as_supporter, organization=str(waiting.organization_id)) == [waiting]
    assert shown(as_supporter, age="3") == [waiting]
    assert shown(as_supporter, age="7") == []
    assert len(shown(as_supporter, state="submitted")) == 2


@pytest.mark.parametrize("query", [{"state": "x"}, {"age": "-1"}, {"organization": "9" * 30}])
@pytest.mark.once
def test_an_invalid_filter_is_ignored(
    as_supporter: Client, waiting: SupportRequest, query: dict[str, str]
) -> None:
    assert as_supporter.get(QUEUE, query).status_code == 200


@pytest.mark.once
def test_an_invalid_cursor_shows_the_first_page(as_supporter: Client) -> None:
    assert as_supporter.get(QUEUE, {"after": "x"}).headers["Location"] == QUEUE


def test_the_oldest_request_comes_first(
    as_supporter: Client, waiting: SupportRequest, other_request: SupportRequest
) -> None:
    """Test sorting by time of submission, not creation."""
    SupportRequest.objects.filter(pk=waiting.pk).update(
        created=timezone.now() - timedelta(days=9), submitted=timezone.now() + timedelta(hours=1)
    )
    assert shown(as_supporter) == [other_request, waiting]
    assert shown(as_supporter, sort="-submitted") == [waiting, other_request]


def test_the_number_of_queries_is_constant(
    as_supporter: Client, rep: User, organization: Organization
) -> None:
    def count_queries(number: int) -> int:
        for _ in range(number):
            support_request = SupportRequest.objects.create(
                organization=organization, kind="other", subject="?", body="?"
            )
            move(support_request, State.SUBMITTED, rep)
        with CaptureQueriesContext(connection) as queries:
            as_supporter.get(QUEUE)
        return number_of(queries)

    assert count_queries(1) == count_queries(5) <= 12


@pytest.mark.once
def test_numbers_of_more_organizations_take_no_more_queries(as_supporter: Client) -> None:
    def count_queries(number: int) -> int:
        slug = f"organization-{number}"
        rep = factories.user(factories.organization(slug), f"rep-{number}")
        assert rep.organization is not None
        sender = factories.sender(rep.organization, phone=f"+1212555011{number}")
        support_request = SupportRequest.objects.create(
            organization=rep.organization, created_by=rep, sender=sender, **DETAILS
        )
        move(support_request, State.SUBMITTED, rep)
        with CaptureQueriesContext(connection) as queries:
            as_supporter.get(QUEUE)
        return number_of(queries)

    assert count_queries(1) == count_queries(2) == count_queries(3)


def test_pages_use_keyset_pagination(as_supporter: Client, organization: Organization) -> None:
    rows = [
        SupportRequest(
            organization=organization,
            kind="other",
            subject=str(number),
            body="?",
            state="submitted",
            submitted=timezone.now(),
        )
        for number in range(51)
    ]
    SupportRequest.objects.bulk_create(rows)
    page = as_supporter.get(QUEUE).context["page"]
    assert len(page.rows) == 50
    assert len(shown(as_supporter, after=page.after)) == 1


def test_medians_and_open_requests(
    as_supporter: Client,
    organization: Organization,
    rep: User,
    supporter: User,
    waiting: SupportRequest,
) -> None:
    start = timezone.now() - timedelta(days=1)
    for hours in (1, 3, 20):
        support_request = SupportRequest.objects.create(
            organization=organization, kind="other", subject="?", body="?"
        )
        move(support_request, State.SUBMITTED, rep)
        move(support_request, State.ANSWERED, supporter, "Yes.")
        then = start + timedelta(hours=hours)
        SupportRequest.objects.filter(pk=support_request.pk).update(
            submitted=start, first_answered=then, decided=then + timedelta(hours=1)
        )
    measures = measure()
    assert (str(measures.waiting), str(measures.unassigned)) == ("1", "1")
    assert measures.to_first_answer == timedelta(hours=3)
    assert measures.to_decision == timedelta(hours=4)
    text = as_supporter.get(QUEUE).content.decode()
    assert "<dd>3 hours</dd>" in text
    assert "<dd>4 hours</dd>" in text


@pytest.mark.once
def test_there_are_no_medians_without_requests(as_supporter: Client) -> None:
    assert measure().to_decision is None
    assert "<dd>–</dd>" in as_supporter.get(QUEUE).content.decode()
