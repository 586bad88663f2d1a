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
# What one click finishes, and the view that does it.
DONE_HERE = {
    Step.TRY_AGAIN: "message_try_again",
    Step.SEND_IN_MORNING: "message_try_again",
    Step.MARK_HANDLED: "message_handle",
}


class Failed(NamedTuple):
    """A failed text, its lead, and the number it was sent from."""

    pk: int
    lead: int
    name: str
    sender: int | None


@dataclass(frozen=True)
class FailedTexts:
    """The failed texts with one reason, and what to do about them.

    `text` is a single one. `url` is a page, or where a form is sent if one click finishes it.
    """

    reason: Reason
    count: int
    leads: list[str]
    url: str
    text: Failed | None = None

    @property
    def step(self) -> Step:
        return self.reason.advice.steps[0]

    @property
    def action(self) -> str:
        """Return what the button does: the next step of a single text, or a list of several."""
        return self.step.label if self.text else f"View {self.count:,} texts"

    @property
    def is_done_here(self) -> bool:
        """Return whether one click finishes it, so that the page only has to send a form."""
        return bool(self.text) and self.step in DONE_HERE

    @property
    def has_form(self) -> bool:
        return bool(self.text) and self.step.has_form

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
    newest = texts.order_by("-created").values_list("reason", "pk", "lead", "lead__name", "sender")
    for reason, pk, lead, name, sender in newest[:MOST_READ]:
        found.setdefault(reason, []).append(Failed(pk, lead, name, sender))
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
    """Return the texts with one reason, and where their button leads."""
    names = [text.name for text in found[:NAMED]]
    if count == 1 and found:
        return FailedTexts(Reason(reason), 1, names, url_of(Reason(reason), found[0]), found[0])
    return FailedTexts(
        Reason(reason), count, names, link("message_list", f"{query} reason:{reason}")
    )


def url_of(reason: Reason, text: Failed) -> str:
    """Return the page or the form of what finishes a failed text."""
    step = reason.advice.steps[0]
    if step.has_form:
        return f"{reverse('message_correct', args=[text.pk])}?{urlencode({'step': step})}"
    if name := DONE_HERE.get(step):
        return reverse(name, args=[text.pk])
    if step == Step.ASK_ADMINISTRATOR:
        return f"{reverse('contact_support')}?{urlencode({'message': text.pk})}"
    if step == Step.SEE_REGISTRATION and text.sender:
        return reverse("sender_detail", args=[text.sender])
    return reverse("lead_detail", args=[text.lead])


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
        label="messaging/home/_error.html",
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
