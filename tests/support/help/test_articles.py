"""Test that articles are complete, linked, and free of HTML."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse
from django.utils.html import escape

import search
from leads.models import Lead
from messaging.models.reason import Group, Reason
from messaging.models.receipt import Receipt
from smscenter.accounts.models import User
from smscenter.support.help import article
from tests import factories
from tests.queries import number_of

pytestmark = pytest.mark.once

ARTICLES = list(article.library().values())


class Markup(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.hrefs += [value or "" for name, value in attrs if name == "href"]
        self.ids += [value or "" for name, value in attrs if name == "id"]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_an_article_with_its_title(reason: Reason) -> None:
    assert article.get(reason.help_slug).title == reason.label
    assert article.get(reason.help_slug).slug == reason.replace("_", "-")


def test_every_reason_article_has_a_reason() -> None:
    slugs = {page.slug for page in ARTICLES if page.section is article.Section.REASONS}
    assert slugs == {reason.help_slug for reason in Reason}


def test_the_overview_names_the_four_groups_and_links_every_reason() -> None:
    overview = article.get("why-texts-fail")
    assert [heading.id for heading in overview.headings][:4] == [
        group.replace("_", "-") for group in Group
    ]
    hrefs = set(Markup(overview.html).hrefs)
    assert {article.get(reason.help_slug).get_absolute_url() for reason in Reason} <= hrefs


def test_receipts_are_explained_by_their_labels() -> None:
    html = article.get("was-my-text-delivered-or-opened").html
    labels = re.findall(r"<td><strong>(.*?)</strong></td>", html)
    assert labels == [receipt.label for receipt in Receipt if receipt]


def test_every_link_works() -> None:
    for page in ARTICLES:
        for href in Markup(page.html).hrefs:
            path, _, anchor = href.partition("#")
            match = resolve(path or page.get_absolute_url())
            if match.url_name == "help_article":
                target = article.get(match.kwargs["slug"])
                assert not anchor or anchor in Markup(target.html).ids, href


def test_related_articles_exist_and_are_different() -> None:
    for page in ARTICLES:
        assert page.related, page.slug
        assert page not in page.related, page.slug


def test_heading_ids_are_unique() -> None:
    for page in ARTICLES:
        ids = Markup(page.html).ids
        assert len(ids) == len(set(ids)) == page.html.count("<h2"), page.slug
        assert "{#" not in page.html, page.slug


def test_slugs_do_not_conflict_with_other_pages() -> None:
    for page in ARTICLES:
        assert resolve(page.get_absolute_url()).url_name == "help_article", page.slug


def test_the_four_documented_searches_are_quoted_exactly() -> None:
    source = article.get("how-to-find-failed-texts").source
    searches = re.findall(r"^\| \[`(.+?)`\]\(query:\) \|", source, re.MULTILINE)
    assert searches[:4] == [
        "failed_sms > 1",
        "has:error_sms_messages",
        "sms(created:today direction:outgoing status:error)",
        "latest_sms_status:error",
    ]


def test_every_search_in_an_article_runs(rep: User) -> None:
    searches = [query for page in ARTICLES for query in page.queries]
    assert len(searches) >= 4
    for query in searches:
        assert not list(search.run("lead", query, rep).rows)
        assert not search.run("lead", query, rep).warnings


def test_every_search_field_exists(rep: User) -> None:
    """Check all searches, including those in code."""
    names = {
        name.split("(")[0].removeprefix("has:")
        for model in ("lead", "message", "audit")
        for word in search.reference(model, rep)
        for name in word.names
    }
    for page in ARTICLES:
        for code in re.findall(r"`([^`\n]*[:(><][^`\n]*)`", page.source):
            for word in re.findall(r"([a-z_]+)(?=[:(]| [<>])", code):
                assert word in names, (page.slug, code)


def test_every_heading_has_a_permanent_link() -> None:
    for page in ARTICLES:
        links = re.findall(r'<a class="permalink" href="#([a-z0-9-]+)"', page.html)
        assert links == Markup(page.html).ids, page.slug


def test_members_see_the_lead_count_of_each_search(as_rep: Client, rep: User, lead: Lead) -> None:
    factories.message(lead, status="error", reason="spam")
    factories.message(factories.lead(rep, "Other"), status="error", reason="unknown")
    with CaptureQueriesContext(connection) as queries:
        text = as_rep.get("/help/how-to-find-failed-texts/").content.decode()
    assert number_of(queries) <= 30
    assert (
        '<a href="/leads/?q=has%3Aerror_sms_messages"><code>has:error_sms_messages</code></a>'
        ' <span class="counted">2 leads</span>'
    ) in text
    assert (
        '<code>sms(status:error reason:spam)</code></a> <span class="counted">1 lead</span>' in text
    )
    assert '<code>failed_sms &gt; 1</code></a> <span class="counted">0 leads</span>' in text


def test_counts_only_include_the_organizations_leads(as_stranger: Client, lead: Lead) -> None:
    factories.message(lead, status="error", reason="spam")
    text = as_stranger.get("/help/how-to-find-failed-texts/").content.decode()
    assert text.count("0 leads") == len(article.get("how-to-find-failed-texts").queries)


def test_searches_have_no_links_for_users_without_leads(client: Client, as_staff: Client) -> None:
    for reader in (client, as_staff):
        text = reader.get("/help/how-to-find-failed-texts/").content.decode()
        assert "<td><code>has:error_sms_messages</code></td>" in text


HEADER = "---\ntitle: T\nsummary: S\nsection: failed\norder: 1\nrelated: \n---\n"


def read(tmp_path: Path, text: str) -> article.Article:
    path = tmp_path / "probe.md"
    path.write_text(text)
    return article.read(path)


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "Some <b onclick=alert(1)>bold</b> words",
        "[link](javascript:alert(1))",
        '[link](spam.md "x\\" onmouseover=\\"alert(1)")',
        "![image](https://tracker.example/x.png)",
        '<https://a.example/"onmouseover="alert(1)>',
        "## <img src=x onerror=alert(1)> {#a}",
    ],
)
def test_html_in_a_source_is_escaped(tmp_path: Path, source: str) -> None:
    markup = Markup(read(tmp_path, HEADER + source).html)
    assert markup.tags <= {"p", "a", "h2"}
    assert markup.attributes <= {"href", "id", "title", "class", "aria-label"}
    assert not any(href.startswith("javascript") for href in markup.hrefs)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("no front matter", "front matter"),
        ("---\ntitle: T\n---\n", "summary"),
        (HEADER.replace("failed", "nowhere"), "nowhere"),
        (HEADER.replace("order: 1", "order: first"), "first"),
        (HEADER.replace("title: T", "title"), "probe.md"),
    ],
)
def test_an_invalid_file_is_named_in_the_error(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(article.ArticleError, match=complaint):
        read(tmp_path, text)


def test_a_heading_without_an_id_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(article.ArticleError, match="Why not"):
        _ = read(tmp_path, HEADER + "## Why not").html


def test_a_link_to_an_unknown_page_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no_such_page"):
        _ = read(tmp_path, HEADER + "[x](page:no_such_page)").html


@pytest.mark.parametrize("slug", ["contact", "whitelist"])
def test_reserved_slugs_are_not_articles(slug: str) -> None:
    assert slug not in article.library()


def test_articles_can_be_read_without_signing_in(client: Client) -> None:
    for page in ARTICLES:
        response = client.get(page.get_absolute_url())
        assert response.status_code == 200, page.slug
        text = response.content.decode()
        assert f"<h1>{escape(page.title)}</h1>" in text, page.slug
        for heading in page.headings:
            assert f'href="#{heading.id}"' in text or len(page.headings) == 1, page.slug


def test_an_unknown_article_is_not_found(client: Client) -> None:
    assert client.get(reverse("help_article", args=["no-such"])).status_code == 404
    with pytest.raises(Resolver404):
        resolve("/help/..%2fsettings/")


def test_articles_are_read_only(client: Client) -> None:
    assert client.put(reverse("help_article", args=["spam"])).status_code == 405
    assert client.post(reverse("help_index")).status_code == 405
