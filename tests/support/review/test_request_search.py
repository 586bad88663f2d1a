"""Test searching the review queue: requests of all organizations, for support staff only."""

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from search import run
from search.guidance.reference import reference
from search.language.errors import QueryError
from search.models import SavedView
from smscenter.accounts.models import Organization, User
from smscenter.support.models import SupportRequest, Whitelisting
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from smscenter.support.review.actions import add_note, assign
from tests import factories
from tests.html import html_of
from tests.support.review.conftest import Bring

QUEUE = reverse("review_queue")
Find = Callable[[str], list[SupportRequest]]


@pytest.fixture
def find(supporter: User) -> Find:
    """Return a function that searches as support staff."""

    def find(text: str) -> list[SupportRequest]:
        return list(run("request", text, supporter).rows.order_by("id"))

    return find


@pytest.fixture
def theirs(other_request: SupportRequest) -> SupportRequest:
    """Return a question of the other organization, submitted three days ago."""
    submitted = timezone.now() - timedelta(days=3)
    SupportRequest.objects.filter(pk=other_request.pk).update(submitted=submitted)
    return other_request


@pytest.mark.parametrize(
    "text",
    [
        "state:submitted organization:Rival age > 2 days ago",
        'organization:"Rival"',
        "org:rival state:open",
        "kind:other",
        "kind:question",
        "zanzibar",
        "rival",
        '"zanzibar question"',
        "subject:zanzibar",
        "text:body",
        "requester:sam",
        "not requester:rita",
        "age >= 3 days ago",
        'submitted:"3 days ago"',
        "number:none",
        "not number:*",
        "not carrier:sandbox",
        "not website:*",
        "subject:* messages = 0",
        "-acme",
    ],
)
def test_a_term_finds_one_of_two_requests(
    find: Find, waiting: SupportRequest, theirs: SupportRequest, text: str
) -> None:
    assert find(text) == [theirs]


@pytest.mark.parametrize(
    "text",
    [
        "age < 1 day ago",
        "website:acme",
        "acme.example",
        "Ada",
        "inquiries",
        "opted_in:yes",
        "number:*",
        "carrier:sandbox",
        "has:number",
        "sort:-created limit:1 number:*",
    ],
)
def test_a_term_finds_the_other_request(
    find: Find, waiting: SupportRequest, theirs: SupportRequest, text: str
) -> None:
    assert find(text) == [waiting]


def test_numbers_are_found_in_any_notation(
    find: Find, waiting: SupportRequest, theirs: SupportRequest
) -> None:
    assert waiting.sender is not None
    phone = waiting.sender.phone
    for text in (f"number:{phone}", f"number:{phone[2:5]}", f"from:{phone[-4:]}", phone[-7:]):
        assert find(text) == [waiting]
        assert find(f"not {text}") == [theirs]


def test_a_state_name_can_cover_several_states(
    find: Find, waiting: SupportRequest, question: SupportRequest, bring: Bring
) -> None:
    bring(question, State.ANSWERED)
    assert find("state:open") == find("state in (submitted, sent_to_carrier)") == [waiting]
    assert find("state:decided") == find("-state:open") == find('state:"Answered"') == [question]
    assert set(find("state in (open, decided)")) == {waiting, question}


def test_only_mutually_exclusive_states_are_a_contradiction(supporter: User) -> None:
    def warnings(text: str) -> list[str]:
        return [warning.code for warning in run("request", text, supporter).warnings]

    assert warnings("state:submitted state:open") == []
    assert warnings("state:submitted state:decided") == ["never_matches"]
    assert warnings("state:none state:decided") == ["never_matches"]


def test_requests_are_found_by_assignee(
    find: Find, supporter: User, waiting: SupportRequest, theirs: SupportRequest
) -> None:
    assign(waiting, supporter, supporter)
    assert find("assignee:me") == find("assignee:sven") == find("assignee:*") == [waiting]
    assert find("assignee:none") == find("not assignee:me") == [theirs]


def test_requests_are_found_by_expiry(
    find: Find, supporter: User, waiting: SupportRequest, theirs: SupportRequest
) -> None:
    move(waiting, State.SENT_TO_CARRIER, supporter, ticket="CASE-7")
    end = timezone.now() + timedelta(days=2)
    move(waiting, State.WHITELISTED, supporter, "Good texts.", expires=end)
    assert Whitelisting.objects.count() == 1
    assert find("expires > today") == find("has:expires") == find("decision:good") == [waiting]
    assert find("ticket:case-7") == find("history:good") == find("decided:today") == [waiting]
    assert find("expires:none") == find("decided:never") == find("answered:never") == [theirs]


def test_staff_can_search_internal_notes(
    find: Find, supporter: User, waiting: SupportRequest, theirs: SupportRequest
) -> None:
    add_note(waiting, supporter, "Called the carrier twice")
    assert find('history:"carrier twice"') == [waiting]
    assert find("not history:twice") == [theirs]


def test_drafts_are_never_found(find: Find, support_request: SupportRequest) -> None:
    assert find("") == find("*") == find("acme") == []
    with pytest.raises(QueryError):
        find("state:draft")


def test_every_field_has_an_example_that_runs(supporter: User, theirs: SupportRequest) -> None:
    Organization.objects.filter(pk=theirs.organization_id).update(name="Rival & Sons")
    for word in reference("request", supporter):
        assert word.meaning.endswith(".")
        result = run("request", word.example, supporter)
        list(result.rows)
        assert result.interpretation
        assert not result.warnings


@pytest.mark.once
def test_the_page_shows_the_interpretation(as_supporter: Client, theirs: SupportRequest) -> None:
    query = 'state:submitted organization:"Rival" age > 2 days ago'
    text = as_supporter.get(QUEUE, {"q": query}).content.decode()
    assert "Requests with state submitted and with organization Rival" in text
    assert "submitted more than 2 days ago" in text
    assert "Zanzibar question" in text


@pytest.mark.once
def test_a_search_overrides_the_default_states(
    as_supporter: Client, question: SupportRequest, bring: Bring
) -> None:
    bring(question, State.ANSWERED)

    def shown(**data: str) -> list[SupportRequest]:
        return list(as_supporter.get(QUEUE, data).context["page"].rows)

    assert shown() == []
    assert shown(q="fraud") == shown(q="state:answered") == [question]
    assert shown(q="fraud", state="open") == []
    text = html_of(as_supporter.get(QUEUE, {"q": "fraud", "state": "open"}))
    assert '<a href="?q=fraud"><strong>1</strong> request</a>' in text


@pytest.mark.once
def test_filters_are_converted_to_a_search(
    as_supporter: Client, supporter: User, theirs: SupportRequest, find: Find
) -> None:
    filters = {
        "state": "open",
        "organization": str(theirs.organization_id),
        "assignee": "null",
        "age": "1",
    }
    listing = as_supporter.get(QUEUE, filters).context["listing"]
    assert find(listing.filters_as_query) == [theirs]
    assign(theirs, supporter, supporter)
    listing = as_supporter.get(QUEUE, {"assignee": str(supporter.pk)}).context["listing"]
    assert find(listing.filters_as_query) == [theirs]


@pytest.mark.once
def test_an_error_is_marked_in_the_query(as_supporter: Client, theirs: SupportRequest) -> None:
    text = as_supporter.get(QUEUE, {"q": "organization:Rivel"}).content.decode()
    assert "<mark>Rivel</mark>" in text
    assert "Did you mean Rival?" in text


@pytest.mark.once
def test_htmx_requests_get_a_partial(as_supporter: Client, theirs: SupportRequest) -> None:
    response = as_supporter.get(QUEUE, {"q": "zanzibar"}, headers={"HX-Request": "true"})
    assert "Zanzibar question" in response.content.decode()
    assert "<html" not in response.content.decode()


@pytest.mark.once
def test_results_can_be_exported(
    as_supporter: Client, waiting: SupportRequest, theirs: SupportRequest
) -> None:
    SupportRequest.objects.filter(pk=theirs.pk).update(subject="=1+1")
    response = as_supporter.get(reverse("review_export"), {"q": "kind:other"})
    text = b"".join(response).decode("utf-8-sig")
    [row] = csv.DictReader(text.splitlines())
    assert (row["id"], row["organization"], row["state"]) == (str(theirs.pk), "Rival", "submitted")
    assert (row["subject"], row["number"], row["assigned to"]) == ("'=1+1", "", "")


@pytest.mark.once
def test_a_semicolon_cannot_start_a_formula(as_supporter: Client, theirs: SupportRequest) -> None:
    """Test quoting, because European spreadsheets split at semicolons too."""
    SupportRequest.objects.filter(pk=theirs.pk).update(subject="a;=1+1")
    text = b"".join(as_supporter.get(reverse("review_export"), {"q": "kind:other"})).decode()
    assert '"a;=1+1"' in text


def test_completion_offers_organizations(as_supporter: Client, theirs: SupportRequest) -> None:
    def offered(text: str) -> str:
        query = {"model": "request", "q": text}
        return as_supporter.get(reverse("search_complete"), query).content.decode()

    assert "Rival" in offered("organization:")
    assert "1 request" in offered("organization:ri")
    assert "1 requests" not in offered("state:")
    assert "sven" in offered("assignee:")
    assert "assignee" in offered("ass")


@pytest.mark.once
def test_only_support_staff_can_search_requests(
    as_rep: Client, rep: User, theirs: SupportRequest, supporter: User
) -> None:
    query = {"model": "request", "q": "organization:"}
    for name in ("search_complete", "search_reference", "saved_view_new"):
        assert as_rep.get(reverse(name), query).status_code == 404
    assert as_rep.get(reverse("review_export")).status_code == 404
    assert list(run("request", "*", rep).rows) == []
    for text in ("organization:Rivel", "assignee:swen", "requester:san"):
        with pytest.raises(QueryError) as caught:
            run("request", text, rep)
        for name in ("Rival", "sven", "sam"):
            assert name not in f"{caught.value.problem.message} {caught.value.problem.hint}"


@pytest.mark.once
def test_support_staff_save_views_and_share_them(
    as_supporter: Client, second_supporter: User, as_rep: Client, theirs: SupportRequest
) -> None:
    url = f"{reverse('saved_view_new')}?model=request&q=zanzibar"
    assert reverse("saved_view_new") in as_supporter.get(QUEUE, {"q": "zanzibar"}).content.decode()
    assert "Share with support staff" in as_supporter.get(url).content.decode()
    saved = {"name": "Zanzibar", "query": "zanzibar", "shared": "on"}
    location = as_supporter.post(url, saved).headers["Location"]
    view = SavedView.objects.get()
    assert (view.model, view.organization) == ("request", None)
    assert '<h1 id="list-title">Zanzibar</h1>' in as_supporter.get(location).content.decode()
    colleague = Client()
    colleague.force_login(second_supporter)
    assert "Zanzibar" in colleague.get(reverse("saved_view_sidebar")).content.decode()
    assert list(colleague.get(QUEUE, {"q": 'in:"Zanzibar"'}).context["page"].rows) == [theirs]
    assert colleague.get(reverse("saved_view_edit", args=[view.pk])).status_code == 404
    assert as_rep.get(url).status_code == 404
    assert "Zanzibar" not in as_rep.get(reverse("saved_view_sidebar")).content.decode()


@pytest.mark.once
def test_members_never_see_views_of_support_staff(
    supporter: User, organization: Organization, rep: User
) -> None:
    """Even someone who has left support keeps their views to themselves."""
    view = SavedView.of("request", supporter)
    view.name, view.shared = "Theirs", True
    view.save()
    own = SavedView.of("lead", rep)
    own.name = "Mine"
    own.save()
    assert list(SavedView.objects.visible_to(rep)) == [own]
    assert not SavedView.objects.visible_to(factories.user(None, "clara", is_staff=True)).exists()


@pytest.mark.once
def test_the_queue_links_to_the_search_reference(
    as_supporter: Client, theirs: SupportRequest
) -> None:
    reference_url = f"{reverse('search_reference')}?model=request"
    assert reference_url in as_supporter.get(QUEUE).content.decode()
    text = as_supporter.get(reference_url).content.decode()
    assert f'href="{QUEUE}?q=age%20%3E%202%20days%20ago"' in text
    assert "model=lead" not in text


@pytest.mark.once
def test_the_shell_can_search_requests(
    supporter: User, theirs: SupportRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("search", "zanzibar", model="request", user="sven")
    assert "1 found" in capsys.readouterr().out


def test_overdue_requests_are_found(
    find: Find, as_supporter: Client, waiting: SupportRequest, theirs: SupportRequest, staff: User
) -> None:
    """The targets are 8 hours for the first reply, and 72 for the decision."""
    assert (find("overdue:yes"), find("overdue:no")) == ([theirs], [waiting])
    queue = as_supporter.get(QUEUE).content.decode()
    assert queue.count('class="waiting-time overdue"') == 1
    assert 'href="?q=overdue:yes">1</a>' in queue
    SupportRequest.objects.update(submitted=timezone.now() - timedelta(hours=9))
    assert find("overdue:yes") == [waiting, theirs]
    for support_request in (waiting, theirs):
        support_request.refresh_from_db()
        assert support_request.is_overdue()
    move(waiting, State.SENT_TO_CARRIER, staff)
    move(theirs, State.MORE_INFORMATION, staff, "Which?")
    assert not find("overdue:yes")
    SupportRequest.objects.update(submitted=timezone.now() - timedelta(hours=73))
    assert find("overdue:yes") == [waiting]
    theirs.refresh_from_db()
    assert not theirs.is_overdue()
