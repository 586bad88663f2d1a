"""Test overlapping saves of a draft: the last manual save wins."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import SupportRequest, SupportRequestEvent
from smscenter.support.models.states import State
from tests.support.conftest import DETAILS

NEW = reverse("whitelist_request")
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?')


class Tab:
    """Simulate a tab with the form, which saves and autosaves the version that it loaded."""

    def __init__(self, client: Client, url: str) -> None:
        self.client, self.url = client, url
        self.fields = self._fields(client.get(url))

    @staticmethod
    def _fields(response: Any) -> dict[str, str]:
        fields = dict(HIDDEN.findall(response.content.decode()))
        assert {"form_token", "version", "page"} <= fields.keys()
        return DETAILS | {name: value for name, value in fields.items() if value}

    def autosave(self, content: str, *, response_arrives: bool = True) -> str:
        data = self.fields | {"content_type": content, "save": "auto"}
        response = self.client.post(self.url, data, headers={"HX-Request": "true"})
        html: str = response.content.decode()
        if response_arrives and (version := re.search(r'name="version" value="(\d+)"', html)):
            self.fields["version"] = version[1]
        return html + response.headers.get("HX-Trigger-After-Settle", "")

    def save(self, content: str) -> Any:
        response = self.client.post(self.url, self.fields | {"content_type": content})
        if response.status_code != 302:
            self.fields = self._fields(response)
        return response


def saved_content() -> str:
    return SupportRequest.objects.get().content_type


@pytest.fixture
def tab(as_rep: Client, sender: SenderNumber) -> Tab:
    """Open the form of a new request."""
    return Tab(as_rep, NEW)


@pytest.fixture
def open_tab(as_rep: Client, support_request: SupportRequest) -> Callable[[], Tab]:
    return lambda: Tab(as_rep, reverse("request_edit", args=[support_request.pk]))


@pytest.mark.once
def test_a_late_autosave_changes_nothing(tab: Tab) -> None:
    tab.autosave("Offers")
    tab.save("Answers to inquiries")
    tab.autosave("Answers to inq")
    assert saved_content() == "Answers to inquiries"


@pytest.mark.once
def test_a_late_autosave_of_a_new_form_changes_nothing(tab: Tab) -> None:
    tab.save("Answers to inquiries")
    tab.autosave("Answers to inq")
    assert saved_content() == "Answers to inquiries"


@pytest.mark.once
def test_a_save_overwrites_autosaves_from_the_same_page(tab: Tab) -> None:
    """Test a save while the response to an autosave is still pending."""
    tab.autosave("Answers")
    tab.autosave("Answers to inq", response_arrives=False)
    assert tab.save("Answers to inquiries").status_code == 302
    assert saved_content() == "Answers to inquiries"


@pytest.mark.once
def test_each_autosave_overwrites_the_last_one(tab: Tab) -> None:
    for content in ("Answers", "Answers to inq", "Answers to inquiries"):
        assert "Draft saved at" in tab.autosave(content)
        assert saved_content() == content


@pytest.mark.once
def test_the_page_saves_again_after_a_lost_response(tab: Tab) -> None:
    """Test a lost response: the page saves again, because it can't tell what was lost."""
    tab.autosave("Answers")
    tab.autosave("Answers to inq", response_arrives=False)
    assert "save-again" in tab.autosave("Answers to inquiries")
    assert "Draft saved at" in tab.autosave("Answers to inquiries")
    assert saved_content() == "Answers to inquiries"


@pytest.mark.once
def test_changes_from_another_tab_are_not_overwritten(
    open_tab: Callable[[], Tab],
) -> None:
    mine, other = open_tab(), open_tab()
    other.save("Offers <b>")
    for content in ("Answers", "Answers to inquiries"):
        html = mine.autosave(content)
        assert "changed in another tab or by a colleague" in html
        assert "save-again" not in html
    assert saved_content() == "Offers <b>"

    response = mine.save("Answers to inquiries")
    html = response.content.decode()
    assert response.status_code == 409
    assert "changed in another tab or by a colleague" in html
    assert 'value="Answers to inquiries"' in html
    assert "<dt>Type of content</dt><dd>Offers &lt;b&gt;</dd>" in html
    assert "<dt>Website address</dt>" not in html
    assert "hx-post" not in html  # autosave would overwrite before anyone reads this
    assert saved_content() == "Offers <b>"

    assert mine.save("Answers to inquiries").status_code == 302
    assert saved_content() == "Answers to inquiries"


@pytest.mark.once
def test_save_draft_also_detects_a_conflict(open_tab: Callable[[], Tab]) -> None:
    mine, other = open_tab(), open_tab()
    other.autosave("Offers")
    mine.fields["save"] = "draft"
    assert mine.save("Answers").status_code == 409
    assert saved_content() == "Offers"


@pytest.mark.once
def test_a_conflict_shows_the_texts_chosen_in_another_tab(
    open_tab: Callable[[], Tab], blocked: Callable[..., SmsMessage]
) -> None:
    text = blocked("Free estimate")
    mine, other = open_tab(), open_tab()
    other.fields["failed_messages"] = str(text.pk)
    other.save(DETAILS["content_type"])
    response = mine.save(DETAILS["content_type"])
    assert response.status_code == 409
    assert "<dt>Failed texts</dt><dd>Free estimate</dd>" in response.content.decode()
    assert list(SupportRequest.objects.get().messages.all()) == [text]


@pytest.mark.once
def test_two_tabs_with_the_same_values_do_not_conflict(open_tab: Callable[[], Tab]) -> None:
    mine, other = open_tab(), open_tab()
    other.save("Answers")
    assert mine.save("Answers").status_code == 302


@pytest.mark.once
def test_a_reply_to_support_is_not_overwritten(
    open_tab: Callable[[], Tab],
    support_request: SupportRequest,
    bring: Callable[[SupportRequest, State], list[SupportRequestEvent]],
) -> None:
    bring(support_request, State.MORE_INFORMATION)
    mine, other = open_tab(), open_tab()
    other.save("Offers")
    assert mine.save("Answers").status_code == 409
    assert support_request.events.filter(kind="edit").count() == 1
    mine.save("Answers")
    assert saved_content() == "Answers"


@pytest.mark.once
def test_a_page_without_a_version_can_save(as_rep: Client, support_request: SupportRequest) -> None:
    url = reverse("request_edit", args=[support_request.pk])
    assert as_rep.post(url, DETAILS | {"content_type": "Offers"}).status_code == 302
    assert saved_content() == "Offers"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("which_first", [0, 1])
def test_a_simultaneous_save_and_autosave_keep_the_save(
    rep: User, sender: SenderNumber, which_first: int
) -> None:
    page = {"form_token": str(uuid4()), "page": str(uuid4()), "version": "0"}
    posts = [
        ({"content_type": "Answers to inquiries"}, {}),
        ({"content_type": "Answers to inq", "save": "auto"}, {"HX-Request": "true"}),
    ]
    barrier = Barrier(2)

    def post(number: int) -> None:
        data, headers = posts[number]
        client = Client()
        client.force_login(rep)
        try:
            barrier.wait(timeout=60)
            client.post(NEW, DETAILS | page | data, headers=headers)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(post, [which_first, 1 - which_first]))
    assert saved_content() == "Answers to inquiries"
