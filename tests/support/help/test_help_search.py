import pytest
from django.test import Client
from django.urls import reverse

from smscenter.support.help import article_search


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("landline", "not-sms-capable"),
        ("whitelisting", "ask-for-whitelisting"),
        ("why was my text identified as spam", "why-was-my-text-identified-as-spam"),
        ("opted out", "opted-out"),
        ("Bahamas", "supported-countries"),
        ("delivered", "was-my-text-delivered-or-opened"),
        ("segm", "segments-and-length"),
        ("QUIET hours", "quiet-hours"),
        ("emoji", "segments-and-length"),
        ("the landline of a lead", "not-sms-capable"),
    ],
)
def test_the_best_article_comes_first(query: str, first: str) -> None:
    assert article_search.search(query)[0].slug == first


@pytest.mark.parametrize("query", ["", "   ", "xyzzy", "the xyzzy of it", "%", "()", "\0", "…"])
def test_words_that_are_in_no_article_find_nothing(query: str) -> None:
    assert article_search.search(query) == []


def test_a_very_long_query_is_truncated(client: Client) -> None:
    assert client.get(reverse("help_index"), {"q": "spam " * 5_000}).status_code == 200


def test_the_page_lists_results(client: Client) -> None:
    text = client.get(reverse("help_index"), {"q": "landline"}).content.decode()
    assert "for “landline”" in text
    assert reverse("help_article", args=["not-sms-capable"]) in text


def test_the_page_says_when_there_are_no_results(client: Client) -> None:
    text = client.get(reverse("help_index"), {"q": "<xyzzy>"}).content.decode()
    assert "No articles match your search" in text
    assert "<xyzzy>" not in text


def test_without_a_query_all_articles_are_listed_by_section(client: Client) -> None:
    text = client.get(reverse("help_index")).content.decode()
    assert text.index("When a text fails") < text.index("All failure reasons")
    assert text.count('class="articles"') == 3
