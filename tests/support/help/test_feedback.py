"""Test feedback on articles: everyone can send it once, and support can read it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from smscenter.accounts.models import User
from smscenter.support.help import article, forms
from smscenter.support.models import Feedback

pytestmark = pytest.mark.once

URL = reverse("help_article", args=["spam"])
LIST = reverse("admin:support_feedback_changelist")


def send_feedback(
    client: Client, url: str = URL, helpful: str = "no", comment: str = "Too short"
) -> Any:
    return client.post(url, {"helpful": helpful, "comment": comment})


def test_everyone_is_asked_for_feedback(client: Client, db: None) -> None:
    text = client.get(URL).content.decode()
    assert "Was this helpful?" in text
    assert 'name="helpful" value="yes"' in text


@pytest.mark.parametrize(("helpful", "stored"), [("yes", True), ("no", False)])
def test_a_visitor_sends_feedback(client: Client, db: None, helpful: str, stored: bool) -> None:
    response = send_feedback(client, helpful=helpful)
    assert response.headers["Location"] == f"{URL}#feedback"
    feedback = Feedback.objects.get()
    assert (feedback.article, feedback.helpful, feedback.comment, feedback.user) == (
        "spam",
        stored,
        "Too short",
        None,
    )
    text = client.get(URL).content.decode()
    assert "Thanks for your feedback" in text
    assert "Was this helpful?" not in text


def test_feedback_from_members_is_stored_with_the_user(as_rep: Client, rep: User) -> None:
    send_feedback(as_rep, comment="")
    assert Feedback.objects.get().user == rep


def test_feedback_counts_once_per_article(client: Client, db: None) -> None:
    send_feedback(client)
    send_feedback(client)
    send_feedback(client, reverse("help_article", args=["unknown"]))
    assert [feedback.article for feedback in Feedback.objects.order_by("id")] == ["spam", "unknown"]


def test_a_member_can_send_feedback_once(as_rep: Client, rep: User) -> None:
    send_feedback(as_rep)
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    elsewhere.force_login(rep)
    send_feedback(elsewhere)
    assert Feedback.objects.count() == 1
    assert "Thanks for your feedback" in elsewhere.get(URL).content.decode()
    Feedback.objects.update(created=timezone.now() - timedelta(days=31))
    send_feedback(elsewhere)
    assert Feedback.objects.count() == 2


def test_many_posts_from_one_client_do_not_block_others(
    rep: User, as_rep: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "MOST_A_DAY", 5)
    for _ in range(10):
        assert send_feedback(Client(REMOTE_ADDR="203.0.113.5")).status_code == 302
    assert Feedback.objects.count() == 1
    send_feedback(Client(REMOTE_ADDR="198.51.100.7"))
    send_feedback(as_rep)
    assert Feedback.objects.count() == 3


def test_one_client_cannot_use_up_the_limit_for_everyone(db: None) -> None:
    assert len(article.library()) * 100 < forms.MOST_A_DAY


def test_an_address_behind_a_proxy_cannot_be_forged(db: None, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(10):
        send_feedback(Client(headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.5"}))
    assert Feedback.objects.count() == 1


def test_a_visitor_gets_no_session(client: Client, db: None) -> None:
    client.get("/help/")
    client.get(URL)
    assert set(client.cookies) == {"csrftoken"}
    send_feedback(client)
    client.get(URL)
    assert set(client.cookies) == {"csrftoken", "told_articles"}
    assert not Session.objects.exists()


def test_another_browser_at_the_same_address_can_send_feedback(client: Client, db: None) -> None:
    """Test people who share an address: each browser remembers its own feedback."""
    send_feedback(client)
    assert "Was this helpful?" in Client().get(URL).content.decode()
    forged = Client(headers={"Cookie": "told_articles=spam.<script>.nothing"})
    send_feedback(forged)
    assert forged.cookies["told_articles"].value == "spam"


def test_no_ip_address_is_stored(client: Client, db: None) -> None:
    send_feedback(Client(REMOTE_ADDR="203.0.113.5"))
    stored = Feedback.objects.values().get()
    assert "203.0.113.5" not in str(stored)
    assert len(stored["client"]) == 64


def test_a_client_counts_as_new_on_the_next_day(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_feedback(client)
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + timedelta(days=1))
    send_feedback(client)
    assert Feedback.objects.values("client").distinct().count() == 2


def test_two_simultaneous_clicks_store_one_row(client: Client, db: None) -> None:
    send_feedback(client)
    with mock.patch.object(forms, "has_answered", return_value=False):
        assert send_feedback(client).status_code == 302
    assert Feedback.objects.count() == 1


def test_many_clients_cannot_fill_the_disk(
    rep: User, monkeypatch: pytest.MonkeyPatch, as_rep: Client
) -> None:
    monkeypatch.setattr(forms, "MOST_A_DAY", 2)
    for number in range(4):
        assert send_feedback(Client(REMOTE_ADDR=f"203.0.113.{number}")).status_code == 302
    assert Feedback.objects.count() == 2
    machine = Client(REMOTE_ADDR="203.0.113.9")
    text = machine.post(URL, {"helpful": "no"}, follow=True).content.decode()
    assert "Try again tomorrow" in text
    send_feedback(as_rep)
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
def test_invalid_feedback_is_rejected(client: Client, db: None, data: dict[str, str]) -> None:
    assert client.post(URL, data).status_code == 422
    assert not Feedback.objects.exists()


def test_an_unknown_article_takes_no_feedback(client: Client, db: None) -> None:
    assert send_feedback(client, "/help/no-such/").status_code == 404


def test_another_site_cannot_send_feedback(db: None) -> None:
    assert send_feedback(Client(enforce_csrf_checks=True)).status_code == 403


def test_staff_see_feedback_with_counts_per_article(as_staff: Client, client: Client) -> None:
    for number, url in enumerate((URL, URL, reverse("help_article", args=["unknown"]))):
        visitor = Client(REMOTE_ADDR=f"203.0.113.{number}")
        send_feedback(visitor, url, comment="<script>alert(1)</script>")
    text = as_staff.get(LIST).content.decode()
    assert "spam (2)" in text
    assert "unknown (1)" in text
    assert "<script>alert(1)" not in text
    found = as_staff.get(LIST, {"q": "alert", "article": "unknown"}).context["cl"].queryset
    assert [feedback.article for feedback in found] == ["unknown"]


def test_feedback_is_read_only(as_staff: Client, db: None) -> None:
    send_feedback(Client())
    feedback = Feedback.objects.get()
    assert as_staff.get(reverse("admin:support_feedback_add")).status_code == 403
    change = reverse("admin:support_feedback_change", args=[feedback.pk])
    assert as_staff.post(change, {"comment": "Praise"}).status_code == 403
    assert as_staff.post(f"{LIST}{feedback.pk}/delete/", {"post": "yes"}).status_code == 403


def test_members_cannot_read_feedback(as_rep: Client) -> None:
    assert as_rep.get(LIST).status_code == 302
