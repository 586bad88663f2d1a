"""The lists of the inbox, and how many threads wait in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from django.db.models import F, QuerySet, TextChoices
from django.utils import timezone

from messaging.models import SmsMessage, Thread, UnmatchedText
from messaging.models.thread import ThreadQuerySet
from search.answering.paging import Order, Page, page_of
from search.limits import Count
from smscenter.accounts.models import User
from smscenter.database.prepared import Prepared, by_ids

PAGE_SIZE = 30
NEWEST = Order.by("due", descending=True)
# Columns of a text that a row shows.
SHOWN = ("organization_id", "lead_id", "contact_id", "text", "media", "remote_phone")
# People see how much waits for them, not how many thousands.
MOST_COUNTED = 1_000
# Threads that are read to count the unread ones. The badge shows at most "99+".
COUNTED = 200


class Tab(TextChoices):
    MINE = "mine", "Mine"
    UNASSIGNED = "unassigned", "Unassigned"
    ALL = "all", "All"
    SNOOZED = "snoozed", "Snoozed"
    BLOCKED = "blocked", "Blocked numbers"


@dataclass(frozen=True)
class Row:
    """A thread with its latest text, if that wasn't deleted."""

    thread: Thread
    text: SmsMessage | UnmatchedText | None

    @property
    def preview(self) -> str:
        return self.text.summary if self.text else ""

    @property
    def name(self) -> str:
        """Return who texted: the contact, or else the number or the lead."""
        if isinstance(self.text, SmsMessage):
            return self.text.contact.name if self.text.contact else self.text.number.formatted
        return str(self.thread)


@dataclass(frozen=True)
class Threads:
    """One page of a list."""

    tab: Tab
    rows: list[Row]
    after: str


def threads_in(tab: Tab, user: User, at: datetime | None = None) -> ThreadQuerySet:
    """Return the threads of a list that the user may see."""
    visible = Thread.objects.visible_to(user)
    match tab:
        case Tab.MINE:
            return visible.waiting(at).filter(assignee=user)
        case Tab.UNASSIGNED:
            return visible.waiting(at).filter(assignee=None)
        case Tab.ALL:
            return visible.waiting(at)
        case Tab.SNOOZED:
            return visible.snoozed(at)
        case Tab.BLOCKED:
            return visible.blocked()


def tab_of(name: str, user: User, opened: Thread | None = None) -> Tab:
    """Return the list with this name, or else the one that has the open thread."""
    if name in Tab.values:
        return Tab(name)
    if opened is None or opened.assignee_id == user.pk:
        return Tab.MINE
    return Tab.ALL if opened.assignee_id else Tab.UNASSIGNED


def page(tab: Tab, user: User, *, after: str = "", opened: Thread | None = None) -> Threads:
    """Return a page of a list. The first one keeps the open thread, also after it was answered.

    Raises CursorError.
    """
    found: Page[Thread] = page_of(
        threads_in(tab, user).for_inbox(user), NEWEST, after=after, size=PAGE_SIZE
    )
    threads = found.rows
    is_answered = opened is not None and opened.state == Thread.State.ANSWERED
    if opened and is_answered and not after and opened not in threads:
        threads = sorted([*threads, opened], key=lambda each: each.due, reverse=True)
    return Threads(tab, rows_of(threads), found.after)


def rows_of(threads: Sequence[Thread]) -> list[Row]:
    """Return the threads with their latest texts, in two queries."""
    leads = [thread.lead_id for thread in threads if thread.lead_id]
    texts = SmsMessage.objects.filter(
        organization__in={thread.organization_id for thread in threads},
        lead__in=leads,
        direction=SmsMessage.Direction.INCOMING,
        created=F("lead__thread__received"),
    )
    shown = texts.select_related("contact").only(*SHOWN, "contact__name")
    of_leads = {text.lead_id: text for text in shown.order_by("id")}
    numbers = [thread for thread in threads if thread.lead_id is None]
    of_numbers = {text.remote: text for text in _latest_of(numbers)}
    return [
        Row(each, of_leads.get(each.lead_id) if each.lead_id else of_numbers.get(each.remote))
        for each in threads
    ]


def _latest_of(threads: Sequence[Thread]) -> Sequence[UnmatchedText]:
    if not threads:
        return []
    texts = UnmatchedText.objects.filter(
        organization=threads[0].organization_id,
        remote__in=[thread.remote for thread in threads],
        received__in=[thread.received for thread in threads],
    )
    return list(texts.order_by("received", "id"))


def counts(user: User) -> list[tuple[Tab, Count]]:
    """Return how many threads each list has, without the lists at the end that are empty."""
    found: dict[Tab, Count] = {}
    for tab in Tab:
        # Those of all are at least as many as those of any list before.
        most = max(found.values(), key=lambda each: each.number, default=None)
        is_sure = tab is Tab.ALL and most is not None and most.capped
        found[tab] = most if most and is_sure else count_of(threads_in(tab, user))
    always = {Tab.MINE, Tab.UNASSIGNED, Tab.ALL}
    return [(tab, count) for tab, count in found.items() if tab in always or count.number]


def count_of(threads: ThreadQuerySet) -> Count:
    number = threads.order_by()[: MOST_COUNTED + 1].count()
    return Count(min(number, MOST_COUNTED), number > MOST_COUNTED)


def next_of(tab: Tab, user: User, thread: Thread) -> Thread | None:
    """Return the thread that follows in a list, or else its first."""
    rows = threads_in(tab, user).exclude(pk=thread.pk)
    find = partial(lambda rows: rows.order_by("-due", "-id").first())
    following: Thread | None = find(rows.filter(due__lte=thread.due)) or find(rows)
    return following


def unread_count(user: User) -> int:
    """Return how many threads are new to the user: among their own, and those nobody has.

    All open pages ask for it every few seconds, so its queries are compiled once.
    """
    if user.organization_id is None:
        return 0
    now = timezone.now()
    tabs = (_unread_of(tab) for tab in (Tab.MINE, Tab.UNASSIGNED))
    return sum(unread.count(user.organization_id, user.pk, now) for unread in tabs)


@cache
def _unread_of(tab: Tab) -> Prepared:
    def unread(organization: int, user: int, at: datetime) -> QuerySet[Any, Any]:
        member = by_ids(User, user, organization)
        newest = threads_in(tab, member, at).order_by("-due", "-id").values("pk")[:COUNTED]
        return Thread.objects.filter(pk__in=newest).unread(member).values("pk")

    return Prepared(unread)
