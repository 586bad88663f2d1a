"""Test the search box: interpretation, errors, warnings, and empty results."""

import re
from typing import Any

import pytest
from django.test import Client

import search
from leads.models import Lead, LeadStatus
from search.models import SavedView
from smscenter.accounts.models import User
from tests import factories


def page(client: Client, **query: str) -> str:
    response = client.get("/leads/", query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.once
def test_the_query_is_in_the_url_and_in_the_box(as_rep: Client, lead: Lead) -> None:
    assert 'value="name:&quot;Bluebird Bakery&quot;"' in page(as_rep, q='name:"Bluebird Bakery"')


@pytest.mark.once
def test_the_page_shows_the_interpretation(as_rep: Client, lead: Lead) -> None:
    html = page(as_rep, q="failed_sms > 1")

    assert "Leads with more than 1 failed SMS" in html


@pytest.mark.once
def test_an_error_is_marked_in_the_query_and_links_to_the_fix(as_rep: Client, lead: Lead) -> None:
    html = page(as_rep, q="bakery statsu:new")

    assert "bakery <mark>statsu</mark>:new" in html
    assert 'href="?q=bakery+status%3Anew"' in html
    assert "Bluebird Bakery" not in html


@pytest.mark.once
def test_a_query_with_a_warning_shows_results_and_the_fix(as_rep: Client, lead: Lead) -> None:
    html = page(as_rep, q="name:Bluebird Bakery")

    assert "Bluebird Bakery</a>" in html
    assert "?q=name%3A%22Bluebird+Bakery%22" in html


def test_the_filters_narrow_the_query(as_rep: Client, rep: User, lead: Lead) -> None:
    factories.message(factories.lead(rep, "Bluebird Boats"), status="error", reason="spam")

    html = page(as_rep, q="bluebird", texts="failed")

    assert "Bluebird Boats" in html
    assert "Bluebird Bakery" not in html
    assert 'value="bluebird has:error_sms_messages"' in html


def test_an_empty_result_names_the_term_that_excludes_all_rows(as_rep: Client, lead: Lead) -> None:
    html = " ".join(page(as_rep, q="bluebird status:new failed_sms > 3").split())

    assert "Without <code>failed_sms &gt; 3</code>" in html
    assert "<strong>1</strong> lead</a>" in html
    assert "Without <code>bluebird</code>" not in html


@pytest.mark.once
def test_new_users_see_the_documented_queries_first(as_rep: Client) -> None:
    html = page(as_rep)

    documented = [
        "failed_sms &gt; 1",
        "has:error_sms_messages",
        "sms(created:today direction:outgoing status:error)",
        "latest_sms_status:error",
    ]
    positions = [html.index(f"<code>{query}</code>") for query in documented]
    assert positions == sorted(positions)


def test_pages_follow_the_order_of_the_query(as_rep: Client, rep: User) -> None:
    for number in range(55):
        factories.lead(rep, f"Lead {number:02}")

    first = as_rep.get("/leads/", {"q": "sort:-name"})
    page_after = first.context["page"].after
    second = as_rep.get("/leads/", {"q": "sort:-name", "after": page_after})

    assert [lead.name for lead in first.context["page"].rows][:2] == ["Lead 54", "Lead 53"]
    assert [lead.name for lead in second.context["page"].rows][-1] == "Lead 00"


@pytest.mark.parametrize("query", ["limit:3", "sort:name limit:3"])
def test_a_limit_applies_to_the_count(as_rep: Client, rep: User, query: str) -> None:
    for number in range(5):
        factories.lead(rep, f"Lead {number}")

    response = as_rep.get("/leads/", {"q": query})

    assert len(response.context["page"].rows) == 3
    assert str(response.context["listing"].count) == "3"


@pytest.mark.once
def test_html_in_a_query_is_text(as_rep: Client) -> None:
    evil = '"<img src=x onerror=alert(1)>'

    assert "<img" not in page(as_rep, q=evil)


def test_the_reference_lists_fields_whose_examples_run(
    as_rep: Client, rep: User, lead: Lead
) -> None:
    for model in ("lead", "message"):
        response = as_rep.get("/search/words/", {"model": model})
        assert response.context["words"]
        for word in response.context["words"]:
            list(search.run(model, word.example, rep).rows[:5])  # or raises QueryError


@pytest.mark.once
def test_completion_suggests_terms_at_the_cursor(as_rep: Client, lead: Lead) -> None:
    def options(q: str, cursor: str = "") -> str:
        query = {"model": "lead", "q": q, "cursor": cursor}
        return as_rep.get("/search/complete/", query).content.decode()

    assert 'data-text="failed_sms' in options("fail")
    assert "New" in options("status:")
    assert 'data-start="0" data-end="4"' in options("fail status:new", "4")
    for cursor in ("x", "-1", "99999999999999999999", "²"):
        assert options("fail", cursor)


@pytest.mark.once
def test_only_known_models_are_completed(as_rep: Client) -> None:
    assert as_rep.get("/search/complete/", {"model": "user"}).status_code == 404
    assert as_rep.get("/search/words/", {"model": "user"}).status_code == 404


@pytest.mark.parametrize(
    "typed", ["", "status:", "owner:", "in:", "custom.", "has:", "Zan", "sms(template:", "note("]
)
def test_completion_never_shows_values_of_other_organizations(
    as_rep: Client, stranger: User, typed: str
) -> None:
    factories.everything(stranger, "Zanzibar")

    shown = as_rep.get("/search/complete/", {"model": "lead", "q": typed}).content.decode()

    assert "Zanzibar" not in shown


@pytest.mark.once
def test_recent_searches_are_suggested_first(
    as_rep: Client, as_stranger: Client, lead: Lead
) -> None:
    for query in ("blue", "failed_sms > 0", "statsu:x", "blue"):
        page(as_rep, q=query)

    def recent(client: Client, **query: str) -> list[str]:
        html = client.get("/search/complete/", {"model": "lead"} | query).content.decode()
        return re.findall(r'data-run\s+data-text="([^"]+)"', html)

    assert recent(as_rep) == ["blue", "failed_sms &gt; 0"]
    assert recent(as_rep, q="b") == recent(as_rep, model="message") == recent(as_stranger) == []


@pytest.mark.once
def test_columns_are_chosen_for_a_list_and_for_a_view(
    as_rep: Client, rep: User, colleague: User, lead: Lead
) -> None:
    client = Client()

    def heads(query: str = "", by: Client = as_rep) -> list[str]:
        html = by.get(f"/leads/{query}").content.decode()
        return re.findall(r'data-column="(\w+)"', html)

    def choose(by: Client = as_rep, **data: Any) -> None:
        response = by.post("/lists/columns/", {"model": "lead", "next": "/leads/?q=x"} | data)
        assert response.headers["Location"] == "/leads/?q=x"

    assert heads() == ["name", "text", "failed", "status", "activity"]
    choose(columns=["owner", "nonsense"])
    assert heads() == ["name", "owner"]

    as_rep.post("/views/new/", {"name": "Mine", "query": "bakery", "shared": "on"})
    saved = SavedView.objects.get()
    view = f"?q=bakery&view={saved.pk}"
    choose(columns=["failed", "created"], view=saved.pk)
    assert (heads(), heads(view)) == (["name", "owner"], ["name", "failed", "created"])

    client.force_login(colleague)
    assert heads(view, by=client) == ["name", "failed", "created"]
    choose(client, columns=["status"], view=saved.pk)
    assert heads(view, by=client) == ["name", "status"]
    assert heads(view) == ["name", "failed", "created"]


@pytest.mark.parametrize(
    ("data", "status"),
    [({"model": "user"}, 404), ({"view": "999"}, 404), ({"view": "x"}, 404), ({}, 302)],
)
@pytest.mark.once
def test_only_columns_of_visible_lists_are_stored(
    as_rep: Client, data: dict[str, str], status: int
) -> None:
    response = as_rep.post("/lists/columns/", {"model": "lead", "next": "//evil.example/"} | data)

    assert response.status_code == status
    assert response.headers.get("Location", "/leads/") == "/leads/"


@pytest.mark.once
def test_an_open_view_names_the_page(as_rep: Client, rep: User, lead: Lead) -> None:
    assert rep.organization
    view = SavedView.objects.create(
        organization=rep.organization, owner=rep, name="My failures", query="failed_sms > 0"
    )

    opened = page(as_rep, q="failed_sms > 0", view=str(view.pk))
    changed = page(as_rep, q="failed_sms > 1", view=str(view.pk))

    assert "<title>My failures · SMS Center" in opened
    assert 'id="list-title">My failures</h1>' in opened
    assert "<title>Leads · SMS Center" in changed
    for invalid in ("x", "0", "9" * 30):
        assert "<title>Leads · SMS Center" in page(as_rep, q="failed_sms > 0", view=invalid)


@pytest.mark.once
def test_a_filter_and_an_order_are_saved_as_a_view(as_rep: Client, lead: Lead) -> None:
    factories.message(lead, status="error", reason="spam")

    html = page(as_rep, q="blue", texts="failed", sort="-failed")

    query = "blue+has%3Aerror_sms_messages+sort%3A-failed_sms"
    assert f'href="/views/new/?model=lead&amp;q={query}"' in html
    again = page(as_rep, q="blue has:error_sms_messages sort:-failed_sms")
    assert re.search(r'data-column="failed" class="number"\s+aria-sort="descending"', again)
    assert "/views/new/" not in page(as_rep)


@pytest.mark.parametrize(
    ("query", "chips"),
    [
        ("status:new", ["Status: New"]),
        ("bakery owner:me failed_sms > 1", ["Owner: Me", "Failed SMS > 1"]),
        ("status:new or blue", []),
        ("not has:sms sms(status:sent)", ["SMS activity: No texts yet", "SMS: status:sent"]),
        ("statsu:x", []),
    ],
)
@pytest.mark.once
def test_chips_mirror_the_search(as_rep: Client, lead: Lead, query: str, chips: list[str]) -> None:
    found = as_rep.get("/leads/", {"q": query}).context["listing"].chips

    menus = [f"{menu.label}: {menu.chosen}" for menu in found.menus if menu.clear_url]
    assert menus + [chip.label for chip in found.chips] == chips


@pytest.mark.once
def test_choosing_a_filter_changes_its_term_and_keeps_the_others(
    as_rep: Client, rep: User, lead: Lead
) -> None:
    assert rep.organization
    LeadStatus.objects.create(organization=rep.organization, label="Bad Fit")

    def urls(query: str) -> dict[str, str]:
        menu = as_rep.get("/leads/", {"q": query}).context["listing"].chips.menus[0]
        return {option.label: option.url for option in menu.options} | {"none": menu.clear_url}

    assert urls("blue or red")["Bad Fit"] == "/leads/?q=%28blue+or+red%29+status%3A%22Bad+Fit%22"
    chosen = urls("status:new owner:me limit:3")
    assert chosen["Bad Fit"] == "/leads/?q=status%3A%22Bad+Fit%22+owner%3Ame+limit%3A3"
    assert chosen["none"] == "/leads/?q=owner%3Ame+limit%3A3"


@pytest.mark.once
def test_kept_menus_are_those_of_the_reader_and_up_to_date(
    as_rep: Client, rep: User, lead: Lead
) -> None:
    colleague = factories.user(rep.organization, "cleo")
    as_colleague = Client()
    as_colleague.force_login(colleague)

    def owners(client: Client) -> set[str]:
        return set(re.findall(r"q=owner%3A(\w+)", client.get("/leads/").content.decode()))

    assert "cleo" in owners(as_rep)
    assert owners(as_colleague) == owners(as_rep) - {"cleo"} | {rep.username}
    LeadStatus.objects.filter(pk=lead.status_id).update(label="Zebra")
    assert "Status: Zebra" in as_rep.get("/leads/").content.decode()
