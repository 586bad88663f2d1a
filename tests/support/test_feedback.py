"""Whether an article helped: anybody may say it, once, and support reads it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from smscenter.accounts.models import User
from smscenter.support import feedback_form
from smscenter.support.models import Feedback

URL = reverse("help_article", args=["spam"])
LIST = reverse("admin:support_feedback_changelist")


def tell(client: Client, url: str = URL, helpful: str = "no", comment: str = "Too short") -> Any:
    return client.post(url, {"helpful": helpful, "comment": comment})


def test_everybody_is_asked(client: Client, db: None) -> None:
    text = client.get(URL).content.decode()
    assert "Was this helpful?" in text
    assert 'name="helpful" value="yes"' in text


@pytest.mark.parametrize(("helpful", "kept"), [("yes", True), ("no", False)])
def test_a_visitor_says_it(client: Client, db: None, helpful: str, kept: bool) -> None:
    response = tell(client, helpful=helpful)
    assert response.headers["Location"] == f"{URL}#feedback"
    said = Feedback.objects.get()
    assert (said.article, said.helpful, said.comment, said.user) == (
        "spam",
        kept,
        "Too short",
        None,
    )
    text = client.get(URL).content.decode()
    assert "Thank you" in text
    assert "Was this helpful?" not in text


def test_a_member_says_it_by_name(as_rep: Client, rep: User) -> None:
    tell(as_rep, comment="")
    assert Feedback.objects.get().user == rep


def test_once_for_each_article(client: Client, db: None) -> None:
    tell(client)
    tell(client)
    tell(client, reverse("help_article", args=["unknown"]))
    assert [said.article for said in Feedback.objects.order_by("id")] == ["spam", "unknown"]


def test_a_machine_cannot_fill_the_disk(
    rep: User, monkeypatch: pytest.MonkeyPatch, as_rep: Client
) -> None:
    monkeypatch.setattr(feedback_form, "MOST_A_DAY", 2)
    for _ in range(4):
        assert tell(Client()).status_code == 302
    assert Feedback.objects.count() == 2
    machine = Client()
    text = machine.post(URL, {"helpful": "no"}, follow=True).content.decode()
    assert "too many people" in text
    assert "sessionid" not in machine.cookies, "nor with sessions"
    tell(as_rep)
    assert Feedback.objects.count() == 3


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"helpful": "perhaps"},
        {"helpful": "yes", "comment": "x" * 2_001},
        {"helpful": "yes", "comment": "a\0b"},
    ],
)
def test_bad_input_is_refused(client: Client, db: None, data: dict[str, str]) -> None:
    assert client.post(URL, data).status_code == 422
    assert not Feedback.objects.exists()


def test_an_unknown_article_takes_none(client: Client, db: None) -> None:
    assert tell(client, "/help/no-such/").status_code == 404


def test_another_site_cannot_say_it(db: None) -> None:
    assert tell(Client(enforce_csrf_checks=True)).status_code == 403


def test_staff_read_it_with_counts_for_each_article(as_staff: Client, client: Client) -> None:
    for url in (URL, URL, reverse("help_article", args=["unknown"])):
        tell(Client(), url, comment="<script>alert(1)</script>")
    text = as_staff.get(LIST).content.decode()
    assert "spam (2)" in text
    assert "unknown (1)" in text
    assert "<script>alert(1)" not in text
    found = as_staff.get(LIST, {"q": "alert", "article": "unknown"}).context["cl"].queryset
    assert [said.article for said in found] == ["unknown"]


def test_feedback_is_only_read(as_staff: Client, db: None) -> None:
    tell(Client())
    said = Feedback.objects.get()
    assert as_staff.get(reverse("admin:support_feedback_add")).status_code == 403
    change = reverse("admin:support_feedback_change", args=[said.pk])
    assert as_staff.post(change, {"comment": "Praise"}).status_code == 403
    assert as_staff.post(f"{LIST}{said.pk}/delete/", {"post": "yes"}).status_code == 403


def test_members_do_not_read_it(as_rep: Client) -> None:
    assert as_rep.get(LIST).status_code == 302
