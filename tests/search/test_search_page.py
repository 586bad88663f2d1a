"""Test the search box: interpretation, errors, warnings, and empty results."""

import pytest
from django.test import Client

from leads.models import Lead
from smscenter.accounts.models import User
from tests import factories


def page(client: Client, **query: str) -> str:
    response = client.get("/leads/", query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_query_is_in_the_url_and_in_the_box(as_rep: Client, lead: Lead) -> None:
    assert 'value="name:&quot;Bluebird Bakery&quot;"' in page(as_rep, q='name:"Bluebird Bakery"')


def test_the_page_shows_the_interpretation(as_rep: Client, lead: Lead) -> None:
    html = page(as_rep, q="failed_sms > 1")

    assert "Leads with more than 1 failed SMS" in html


def test_an_error_is_marked_in_the_query_and_links_to_the_fix(as_rep: Client, lead: Lead) -> None:
    html = page(as_rep, q="bakery statsu:new")

    assert "bakery <mark>statsu</mark>:new" in html
    assert 'href="?q=bakery+status%3Anew"' in html
    assert "Bluebird Bakery" not in html


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


def test_html_in_a_query_is_text(as_rep: Client) -> None:
    evil = '"<img src=x onerror=alert(1)>'

    assert "<img" not in page(as_rep, q=evil)


def test_the_reference_lists_fields_whose_examples_run(as_rep: Client, lead: Lead) -> None:
    for model, path in (("lead", "/leads/"), ("message", "/messages/")):
        response = as_rep.get("/search/words/", {"model": model})
        assert response.context["words"]
        for word in response.context["words"]:
            shown = as_rep.get(path, {"q": word.example})
            assert shown.context["listing"].problem is None, word


def test_completion_suggests_terms_at_the_cursor(as_rep: Client, lead: Lead) -> None:
    def options(q: str, cursor: str = "") -> str:
        query = {"model": "lead", "q": q, "cursor": cursor}
        return as_rep.get("/search/complete/", query).content.decode()

    assert 'data-text="failed_sms' in options("fail")
    assert "New" in options("status:")
    assert 'data-start="0" data-end="4"' in options("fail status:new", "4")
    for cursor in ("x", "-1", "99999999999999999999", "²"):
        assert options("fail", cursor)


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
