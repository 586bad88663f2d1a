"""The inbox lists what waits for somebody, and people take it, snooze it, and mark it as done."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead, LeadVisit
from messaging.diagnosis.failures import Failure
from messaging.incoming.inbox import listing, snooze
from messaging.incoming.inbox.listing import Tab
from messaging.models import Attempt, BulkItem, BulkSend, SenderNumber, SmsMessage, Thread
from messaging.models.reason import Reason
from messaging.outgoing import outbox, results, schedule
from smscenter.accounts.models import User
from tests import factories
from tests.html import html_of
from tests.messaging import calls
from tests.messaging.incoming.inbox.conftest import Listed


def reply(thread: Thread, by: User, number: SenderNumber) -> SmsMessage:
    assert thread.lead
    return outbox.queue(
        user=by, lead=thread.lead, contact=None, sender=number, to=factories.MOBILE, text="$900"
    )


def fail(attempt: Attempt, reason: Reason) -> None:
    assert results.mark_failed(attempt, Failure(reason))


def unread(client: Client, thread: Thread) -> bool:
    """Return whether the list shows the thread in bold, without opening it."""
    rows = client.get("/inbox/?tab=all").context["threads"].rows
    [row] = [row for row in rows if row.thread == thread]
    return bool(row.thread.is_unread)


class TestWaiting:
    def test_a_reply_waits_for_the_owner_until_somebody_answers(
        self, as_rep: Client, rep: User, thread: Thread, number: SenderNumber, listed: Listed
    ) -> None:
        assert "How much is it?" in html_of(as_rep.get("/inbox/"))
        message = reply(thread, rep, number)
        assert listed(as_rep) == []
        schedule.cancel(message, rep)
        assert listed(as_rep) == ["Bluebird Bakery"]

    @pytest.mark.parametrize(
        ("directions", "state"),
        [
            (["incoming", "outgoing"], Thread.State.ANSWERED),
            (["outgoing", "incoming"], Thread.State.WAITING),
            (["outgoing", "incoming", "outgoing", "incoming"], Thread.State.WAITING),
        ],
    )
    def test_texts_that_are_stored_at_once_open_and_answer_it_in_their_order(
        self, lead: Lead, directions: list[str], state: Thread.State
    ) -> None:
        status = {"incoming": SmsMessage.Status.INBOX, "outgoing": SmsMessage.Status.SENT}
        fields = {"organization": lead.organization, "lead": lead, "text": "Hi"}
        SmsMessage.objects.bulk_create(
            SmsMessage(direction=each, status=status[each], **fields) for each in directions
        )
        thread = Thread.objects.get(lead=lead)
        replies = SmsMessage.objects.filter(direction="incoming").order_by("pk")
        assert (thread.state, thread.received) == (state, replies[len(replies) - 1].created)

    def test_it_waits_again_if_its_answer_fails_until_that_goes_out_after_all(
        self, as_rep: Client, rep: User, thread: Thread, number: SenderNumber, listed: Listed
    ) -> None:
        assert thread.lead
        own = {"organization": number.organization}
        bulk = BulkSend.objects.create(**own, kind="send", state="done", text="Hi", total=1)
        news = factories.message(thread.lead, status="sent", user=rep)
        BulkItem.objects.create(**own, bulk=bulk, position=0, state="made", message=news)
        attempt = reply(thread, rep, number).attempts.get()
        fail(attempt, Reason.UNREACHABLE)
        page = html_of(as_rep.get("/inbox/"))
        assert ("Bluebird Bakery" in page, "Reply failed" in page) == (True, True)

        outbox.resend(attempt.message, rep)
        assert listed(as_rep) == []
        assert outbox.cancel_retry(attempt.message, rep)
        assert listed(as_rep) == ["Bluebird Bakery"]

    @pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.OPTED_OUT])
    def test_it_stays_answered_if_another_answer_went_out_or_nothing_can(
        self, rep: User, thread: Thread, number: SenderNumber, reason: Reason
    ) -> None:
        failing = reply(thread, rep, number)
        if reason != Reason.OPTED_OUT:
            reply(thread, rep, number)
        fail(failing.attempts.get(), reason)
        thread.refresh_from_db()
        assert thread.state == Thread.State.ANSWERED

    def test_the_next_text_brings_it_back(
        self, as_rep: Client, rep: User, thread: Thread, number: SenderNumber, listed: Listed
    ) -> None:
        reply(thread, rep, number)
        calls.text("Too much", sid="SMin2")
        assert listed(as_rep) == ["Bluebird Bakery"]

    @pytest.mark.usefixtures("thread")
    def test_texts_that_nobody_wrote_answer_nothing(self, as_rep: Client, listed: Listed) -> None:
        calls.text("HELP", sid="SMin2")
        assert SmsMessage.objects.filter(automatic="help").exists()
        assert listed(as_rep) == ["Bluebird Bakery"]

    @pytest.mark.usefixtures("thread")
    def test_it_follows_the_lead_to_a_new_owner(
        self, as_rep: Client, as_colleague: Client, colleague: User, listed: Listed
    ) -> None:
        Lead.objects.update(owner=colleague)
        assert (listed(as_rep), listed(as_colleague)) == ([], ["Bluebird Bakery"])

    @pytest.mark.usefixtures("thread")
    def test_texts_that_move_to_another_lead_wait_there(
        self, as_rep: Client, rep: User, listed: Listed
    ) -> None:
        other = factories.lead(rep, "Copper Cafe")
        SmsMessage.objects.update(lead=other)
        assert "Copper Cafe" in listed(as_rep)


class TestUnread:
    @pytest.mark.once
    def test_for_each_person_until_they_look(
        self, as_rep: Client, as_colleague: Client, thread: Thread
    ) -> None:
        assert unread(as_rep, thread)
        as_rep.get(thread.get_absolute_url())
        assert not unread(as_rep, thread)
        assert unread(as_colleague, thread)
        calls.text("Hello?", sid="SMin2")
        assert unread(as_rep, thread)

    @pytest.mark.once
    def test_a_look_at_the_leads_page_counts(self, as_rep: Client, thread: Thread) -> None:
        assert thread.lead
        as_rep.get(thread.lead.get_absolute_url())
        assert not unread(as_rep, thread)

    def test_can_be_set_again(self, as_rep: Client, thread: Thread, unknown: Thread) -> None:
        for each in (thread, unknown):
            as_rep.get(each.get_absolute_url())
            assert not unread(as_rep, each)
            as_rep.post(f"/inbox/{each.pk}/move/", {"to": "unread"})
            assert unread(as_rep, each)
        assert LeadVisit.objects.count() == 1

    @pytest.mark.usefixtures("thread")
    def test_the_badge_counts_own_and_unassigned_threads(
        self, as_rep: Client, as_colleague: Client, unknown: Thread
    ) -> None:
        def badge(client: Client) -> str:
            html = html_of(client.get("/views/sidebar/"))
            return html.partition('hx-swap-oob="outerHTML:.badge-thread_list"')[2][:3]

        assert (badge(as_rep), badge(as_colleague)) == ("> 2", "> 1")
        as_colleague.get(unknown.get_absolute_url())
        assert badge(as_colleague) == " hi", "hidden"


class TestAssigning:
    def test_of_two_people_who_claim_it_one_gets_it(
        self, as_rep: Client, rep: User, as_colleague: Client, colleague: User, unknown: Thread
    ) -> None:
        url = f"/inbox/{unknown.pk}/assign/"
        as_colleague.post(url, {"assignee": colleague.pk, "expected": ""})
        response = as_rep.post(url, {"assignee": rep.pk, "expected": ""}, follow=True)
        assert "carl changed this first, so nothing changed." in html_of(response)
        unknown.refresh_from_db()
        assert unknown.assignee == colleague
        response = as_colleague.post(url, {"assignee": colleague.pk}, follow=True)
        assert "You already have this conversation." in html_of(response)

    @pytest.mark.once
    def test_to_a_colleague_and_to_nobody(
        self, as_rep: Client, rep: User, colleague: User, thread: Thread, listed: Listed
    ) -> None:
        url = f"/inbox/{thread.pk}/assign/"
        form = {"assignee": colleague.pk, "expected": rep.pk}
        html = html_of(as_rep.post(url, form, headers={"HX-Request": "true"}))
        assert "Assigned to carl." in html
        assert ">Undo</button>" in html
        assert listed(as_rep, "mine") == []
        as_rep.post(url, {"assignee": "", "expected": colleague.pk})
        assert listed(as_rep, "unassigned") == ["Bluebird Bakery"]

    @pytest.mark.once
    def test_never_to_somebody_of_another_organization(
        self, as_rep: Client, rep: User, stranger: User, thread: Thread
    ) -> None:
        form = {"assignee": stranger.pk, "expected": rep.pk}
        response = as_rep.post(f"/inbox/{thread.pk}/assign/", form)
        assert response.status_code == HTTPStatus.BAD_REQUEST


class TestMoving:
    def test_done_opens_the_next_and_can_be_undone(
        self, as_rep: Client, thread: Thread, unknown: Thread, listed: Listed
    ) -> None:
        form = {"to": "done", "tab": "all"}
        response = as_rep.post(f"/inbox/{thread.pk}/move/", form, headers={"HX-Request": "true"})
        assert response.context["thread"] == unknown
        assert response["HX-Push-Url"] == f"/inbox/{unknown.pk}/?tab=all"
        assert "Marked as done." in html_of(response)
        assert listed(as_rep) == []
        as_rep.post(f"/inbox/{thread.pk}/move/", {"to": "waiting"})
        assert listed(as_rep) == ["Bluebird Bakery"]

    @pytest.mark.once
    def test_a_snoozed_thread_comes_back_by_itself(
        self, as_rep: Client, rep: User, thread: Thread, listed: Listed
    ) -> None:
        as_rep.post(f"/inbox/{thread.pk}/snooze/", {"until": "tomorrow"})
        assert listed(as_rep) == []
        assert listed(as_rep, "snoozed") == ["Bluebird Bakery"]
        thread.refresh_from_db()
        assert timezone.localtime(thread.due, rep.zone).hour == 8
        assert list(Thread.objects.waiting(thread.due)) == [thread]

    @pytest.mark.once
    def test_a_new_text_ends_the_snooze(
        self, as_rep: Client, thread: Thread, listed: Listed
    ) -> None:
        as_rep.post(f"/inbox/{thread.pk}/snooze/", {"until": "day", "day": "2999-01-01"})
        assert listed(as_rep) == []
        calls.text("Hello?", sid="SMin2")
        assert listed(as_rep) == ["Bluebird Bakery"]

    @pytest.mark.once
    def test_a_day_that_is_not_ahead_is_refused(
        self, as_rep: Client, thread: Thread, listed: Listed
    ) -> None:
        days = ["", "2001-01-01", "soon", "9999-12-31x"]
        for day in days:
            form = {"until": "day", "day": day}
            response = as_rep.post(f"/inbox/{thread.pk}/snooze/", form)
        shown = [str(message) for message in get_messages(response.wsgi_request)]
        assert shown == ["Choose a day in the future."] * len(days)
        assert listed(as_rep) == ["Bluebird Bakery"]


@pytest.mark.once
def test_snooze_choices_are_on_the_readers_clock() -> None:
    # The night in which the clocks change, a Saturday in New York.
    with timezone.override("America/New_York"):
        at = datetime(2026, 10, 31, 22, 30, tzinfo=UTC)
        assert [(each.key, each.until.isoformat()) for each in snooze.choices(at)] == [
            ("later", "2026-10-31T21:00:00-04:00"),
            ("tomorrow", "2026-11-01T08:00:00-05:00"),
            ("week", "2026-11-02T08:00:00-05:00"),
        ]
        late = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
        assert [each.key for each in snooze.choices(late)] == ["tomorrow", "week"]


class TestAtOnce:
    def test_a_colleague_who_types_is_shown(
        self, as_rep: Client, as_colleague: Client, thread: Thread
    ) -> None:
        url = f"/leads/{thread.lead_id}/sms/replying/"
        as_colleague.post(url)
        assert "carl is replying…" in html_of(as_rep.post(url))
        assert "carl is replying…" in html_of(as_rep.get(thread.get_absolute_url()))
        assert "is replying" not in html_of(as_colleague.get(url)), "the first one goes on"
        Thread.objects.update(replying_until=timezone.now())
        assert "is replying" not in html_of(as_rep.post(url))

    @pytest.mark.once
    def test_the_second_answer_is_confirmed(
        self, as_rep: Client, colleague: User, thread: Thread, number: SenderNumber
    ) -> None:
        page = as_rep.get(thread.get_absolute_url())
        form = page.context["panels"]["messaging/_composer.html"]["form"]
        typed = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
        data = {name: value for name, value in typed.items() if value is not None}
        data |= {"text": "It's $900", "sender": number.pk}
        reply(thread, colleague, number)
        url = f"/leads/{thread.lead_id}/sms/new/"
        html = html_of(as_rep.post(url, data))
        assert "carl texted this lead today" in html
        assert "Send anyway" in html
        as_rep.post(url, data | {"again": "on"})
        assert SmsMessage.objects.filter(text="It's $900").exists()


def test_pages_of_a_list_follow_each_other(
    as_rep: Client, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", listing.PAGE_SIZE)
    now = timezone.now()
    for number in range(listing.PAGE_SIZE + 2):
        at = now - timedelta(minutes=number)
        factories.thread(factories.lead(rep, f"Lead {number}"), received=at, due=at)
    context = as_rep.get("/inbox/").context
    first, counts = context["threads"], dict(context["counts"])
    assert [str(counts[tab]) for tab in (Tab.MINE, Tab.UNASSIGNED, Tab.ALL)] == ["30+", "0", "30+"]
    older = as_rep.get(f"/inbox/?after={first.after}", headers={"HX-Request": "true"})
    assert [str(row.thread) for row in older.context["threads"].rows] == ["Lead 30", "Lead 31"]
    assert as_rep.get("/inbox/?after=bogus").status_code == HTTPStatus.FOUND


def test_more_threads_take_no_more_queries(as_rep: Client, rep: User, thread: Thread) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_rep.get(thread.get_absolute_url())
        return len(captured)

    queries()
    before = queries()
    for number in range(5):
        other = factories.lead(rep, f"Lead {number}")
        factories.message(other, direction="incoming", status="inbox")
    assert queries() == before
    assert listing.threads_in(Tab.MINE, rep).count() == 6
