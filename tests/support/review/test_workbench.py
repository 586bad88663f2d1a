"""Test the review page as a workbench: the checklist, messages, and the way to the next request."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from smscenter.accounts.models import User
from smscenter.support.models import Mail, SupportRequest
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories
from tests.html import html_of
from tests.mailing import write_mails
from tests.support.review.conftest import Bring, Post

pytestmark = pytest.mark.once


def page(client: Client, support_request: SupportRequest) -> str:
    return client.get(reverse("review_detail", args=[support_request.pk])).content.decode()


def test_a_title_says_whose_number_and_why(
    as_supporter: Client, as_rep: Client, waiting: SupportRequest, other_request: SupportRequest
) -> None:
    title = "(212) 555-0100 · flagged as spam"
    assert f"<h1>{title} · Acme</h1>" in page(as_supporter, waiting)
    assert "<h1>Zanzibar question · Rival</h1>" in page(as_supporter, other_request)
    assert f">{title}</a>" in as_supporter.get(reverse("review_queue")).content.decode()
    assert f"<h1>{title}</h1>" in as_rep.get(waiting.get_absolute_url()).content.decode()


def test_one_checklist_has_warnings_first(
    as_supporter: Client, waiting: SupportRequest, rep: User
) -> None:
    SupportRequest.objects.update(examples="Act now: bit.ly/x", opt_out_wording="Reply STOP")
    factories.evidence(waiting, rep, "form.txt")
    checklist = as_supporter.get(reverse("review_detail", args=[waiting.pk])).context["checklist"]
    assert [(check.is_ok, check.text.split(".")[0]) for check in checklist.checks] == [
        (False, "Carriers block shortened links (bit"),
        (False, "Spam filters look for “Act now”"),
        (False, "This request doesn't include any texts flagged as spam"),
        (True, "1 file as proof of opt-in"),
        (True, "The number is registered with the carriers"),
        (True, "The texts explain how to opt out"),
    ]


def test_the_risky_words_are_marked_in_the_texts(
    as_supporter: Client, waiting: SupportRequest, blocked_attempt: object
) -> None:
    text = blocked_attempt("<b>Act now</b>: free money").message  # type: ignore[operator]
    waiting.attach([text])
    shown = page(as_supporter, waiting)
    assert "&lt;b&gt;<mark>Act now</mark>&lt;/b&gt;: <mark>free money</mark>" in shown


def test_support_replies_without_changing_the_status(
    post: Post, as_rep: Client, waiting: SupportRequest, rep: User
) -> None:
    User.objects.filter(pk=rep.pk).update(email="rita@acme.example")
    assert "Reply sent." in post(waiting, "reply", note="We called <i>the carrier</i>.")
    assert "required" in post(waiting, "reply", note="")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.first_answered is None) == (State.SUBMITTED, False)
    write_mails()  # before it's read
    text = as_rep.get(waiting.get_absolute_url()).content.decode()
    assert "We called &lt;i&gt;the carrier&lt;/i&gt;." in text
    assert Mail.objects.get().subject == "New reply: (212) 555-0100 (Acme)"
    move(SupportRequest.objects.get(), State.WITHDRAWN, rep)
    assert "so you can&#x27;t reply" in post(waiting, "reply", note="Hello?")


def test_a_search_leads_on_to_the_next_request(
    as_supporter: Client, waiting: SupportRequest, other_request: SupportRequest
) -> None:
    """Also after a decision that takes the request out of the search."""
    queue = html_of(as_supporter.get(reverse("review_queue"), {"q": "state:submitted"}))
    first, second = map(unescape, re.findall(r'<th scope="row"> <a href="([^"]+)"', queue))
    opened = as_supporter.get(first).content.decode()
    assert "1 of 2" in opened
    move_url = reverse("review_move", args=[waiting.pk]) + "?" + urlsplit(first).query
    decided = as_supporter.post(move_url, {"to": "refused", "note": "No."}, follow=True)
    assert decided.redirect_chain[-1][0] == first
    [link] = re.findall(r'<a class="button primary" href="([^"]+)" data-key="n"', html_of(decided))
    assert urlsplit(link).path == urlsplit(second).path


def test_without_a_search_the_next_request_is_the_oldest_unassigned(
    post: Post, waiting: SupportRequest, other_request: SupportRequest
) -> None:
    decided = post(waiting, "move", to="refused", note="No.")
    assert 'action="/review/next/"' in decided
    assert "Next in queue" in decided
    assert "Next in queue" not in post(other_request, "note", note="Hm.")


def test_notes_are_apart_from_what_the_requester_reads(
    post: Post, support_request: SupportRequest, bring: Bring
) -> None:
    bring(support_request, State.MORE_INFORMATION)
    shown = post(support_request, "note", note="Looks fine.")
    history, _, notes = shown.partition('<aside class="side"')
    assert "Because." in history
    assert "Looks fine." in notes
    assert "Looks fine." not in history
