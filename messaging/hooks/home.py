"""What messaging adds to the home page: failed texts by reason, replies, and scheduled texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Prefetch, Window
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from leads.models import Lead
from messaging.incoming.inbox import listing
from messaging.models import SmsMessage
from messaging.models.reason import Reason, Step
from search.words.counting import count_of
from smscenter.accounts.pages.home import MOST_ROWS, Rows, Section, Work, sections

DAYS = 7
NAMED = 3  # leads
MOST_READ = 200  # texts, to name the leads


class Failed(NamedTuple):
    """A failed text, and its lead."""

    pk: int
    lead: int
    name: str


@dataclass(frozen=True)
class FailedTexts:
    """The failed texts with one reason, and what to do about them."""

    reason: Reason
    count: int
    leads: list[str]
    url: str

    @property
    def step(self) -> Step:
        return self.reason.advice.steps[0]

    @property
    def action(self) -> str:
        """Return what the link does: the next step of a single text, or a list of several."""
        return self.step.label if self.count == 1 else f"View {self.count:,} texts"

    @property
    def more(self) -> int:
        return self.count - len(self.leads)


def link(page: str, query: str) -> str:
    return f"{reverse(page)}?{urlencode({'q': query})}"


def failed(work: Work) -> Rows:
    """Return the failed texts of a week by reason, unless someone handled them or texted again."""
    since = timezone.now() - timedelta(days=DAYS)
    texts = SmsMessage.objects.visible_to(work.user).failed().filter(**work.of("user"))
    texts = texts.filter(created__gte=since, lead__latest_sms_id=F("pk"), handled=None)
    found: dict[str, list[Failed]] = {}
    newest = texts.order_by("-created").values_list("reason", "pk", "lead", "lead__name")
    for reason, pk, lead, name in newest[:MOST_READ]:
        found.setdefault(reason, []).append(Failed(pk, lead, name))
    counts = {reason: len(named) for reason, named in found.items()}
    if sum(counts.values()) == MOST_READ:
        groups = texts.order_by().values_list("reason").annotate(count=Count("pk"))
        counts = dict(groups.order_by(Max("created").desc()))
    mine = "" if work.is_team else " user:me"
    query = f"status:error not has:handled created < {DAYS} days ago{mine}"
    rows = [
        failed_texts(reason, count, found.get(reason, []), query)
        for reason, count in counts.items()
    ]
    return Rows(rows, f"{sum(row.count for row in rows):,}", link("message_list", query))


def failed_texts(reason: str, count: int, found: Sequence[Failed], query: str) -> FailedTexts:
    """Return the texts with one reason. A single one is linked to its next step."""
    url = link("message_list", f"{query} reason:{reason}")
    if count == 1 and found:
        has_form = Reason(reason).advice.steps[0].has_form
        url = (
            reverse("message_correct", args=[found[0].pk])
            if has_form
            else reverse("lead_detail", args=[found[0].lead])
        )
    return FailedTexts(Reason(reason), count, [text.name for text in found[:NAMED]], url)


def replies(work: Work) -> Rows:
    """Return the threads of the inbox, the latest first."""
    tab = listing.Tab.ALL if work.is_team else listing.Tab.MINE
    threads = listing.threads_in(tab, work.user)
    first = list(threads.for_inbox(work.user).order_by("-due", "-id")[:MOST_ROWS])
    number = listing.count_of(threads) if len(first) == MOST_ROWS else len(first)
    return Rows(listing.rows_of(first), str(number), f"{reverse('thread_list')}?tab={tab}")


def scheduled(work: Work) -> Rows:
    """Return the scheduled texts, next one first."""
    texts = SmsMessage.objects.visible_to(work.user).filter(**work.of("user"))
    texts = texts.filter(status=SmsMessage.Status.SCHEDULED)
    # Joined, the leads of all scheduled texts would be read before the first are known.
    leads = Prefetch("lead", Lead.objects.only("organization_id", "name"))
    shown = texts.only("organization_id", "lead_id", "text", "media", "scheduled")
    # Finding a person's texts takes as long as reading them, so they're counted at the same time.
    shown = shown if work.is_team else shown.annotate(total=Window(Count("pk")))
    rows = shown.prefetch_related(leads).order_by("scheduled", "pk")[:MOST_ROWS]
    first: list[Any] = list(rows)
    number = count_of(texts) if work.is_team else f"{first[0].total if first else 0:,}"
    mine = "" if work.is_team else " user:me"
    url = link("message_list", f"status:scheduled{mine}")
    return Rows(first, str(number), url)


sections.register(
    Section(
        "failed",
        "Failed this week",
        "No texts failed in the last seven days.",
        "messaging/home/failed.html",
        failed,
        place=10,
    )
)
sections.register(
    Section(
        "replies",
        "Replies waiting",
        "No replies are waiting for you.",
        "messaging/home/reply.html",
        replies,
        place=20,
    )
)
sections.register(
    Section(
        "scheduled",
        "Scheduled",
        "No texts are scheduled.",
        "messaging/home/scheduled.html",
        scheduled,
        place=40,
        in_side=True,
    )
)
