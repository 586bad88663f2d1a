"""What messaging adds to the home page: failed texts by reason, replies, and scheduled texts."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from leads.models import ContactPhone, Lead
from messaging.models import OptOut, SmsMessage
from messaging.models.reason import Reason, Step
from search.limits import count_of
from smscenter.accounts.home import MOST_ROWS, Rows, Work

DAYS = 7
NAMED = 3  # leads
MOST_READ = 200  # texts, to name the leads


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
    def more(self) -> int:
        return self.count - len(self.leads)


def link(page: str, query: str) -> str:
    return f"{reverse(page)}?{urlencode({'q': query})}"


def failed(work: Work) -> Rows:
    """Return the failed texts of a week by reason, unless someone handled them or texted again."""
    since = timezone.now() - timedelta(days=DAYS)
    texts = SmsMessage.objects.visible_to(work.user).failed().filter(**work.of("user"))
    texts = texts.filter(created__gte=since, lead__latest_sms_id=F("pk"), handled=None)
    groups = texts.order_by().values("reason").annotate(count=Count("pk"), latest=Max("created"))
    leads: dict[str, list[tuple[str, int]]] = {}
    newest = texts.order_by("-created").values_list("reason", "lead__name", "lead")
    for reason, name, lead in newest[:MOST_READ]:
        leads.setdefault(reason, []).append((name, lead))
    mine = "" if work.is_team else " user:me"
    query = f"status:error not has:handled created < {DAYS} days ago{mine}"
    rows = [
        failed_texts(group["reason"], group["count"], leads.get(group["reason"], []), query)
        for group in groups.order_by("-latest")
    ]
    return Rows(rows, f"{sum(row.count for row in rows):,}", link("message_list", query))


def failed_texts(reason: str, count: int, leads: list[tuple[str, int]], query: str) -> FailedTexts:
    """Return the texts with one reason. A single one is linked on its lead's page."""
    url = link("message_list", f"{query} reason:{reason}")
    if count == 1 and leads:
        url = reverse("lead_detail", args=[leads[0][1]])
    return FailedTexts(Reason(reason), count, [name for name, _ in leads[:NAMED]], url)


def replies(work: Work) -> Rows:
    """Return the leads that replied and weren't texted since, longest waiting last."""
    leads = Lead.objects.visible_to(work.user).filter(**work.of("owner"))
    leads = leads.filter(received_sms_count__gt=0)
    waiting = leads.filter(Q(latest_sms_at=None) | Q(last_sms_at__gt=F("latest_sms_at")))
    # Whoever texted STOP waits for nothing.
    opted_out = OptOut.objects.in_force().filter(organization=work.user.organization_id)
    phones = ContactPhone.objects.filter(
        contact__lead=OuterRef("pk"), phone__in=opted_out.order_by().values("recipient__phone")
    )
    waiting = waiting.filter(~Exists(phones))
    first = list(waiting.select_related("owner").order_by("-last_sms_at", "-pk")[:MOST_ROWS])
    texts = SmsMessage.objects.filter(
        lead__in=first, direction=SmsMessage.Direction.INCOMING, created=F("lead__last_sms_at")
    )
    latest = {text.lead_id: text for text in texts}
    rows = [(lead, latest.get(lead.pk)) for lead in first]
    return Rows(rows, str(count_of(waiting)))


def scheduled(work: Work) -> Rows:
    """Return the scheduled texts, next one first."""
    texts = SmsMessage.objects.visible_to(work.user).filter(**work.of("user"))
    texts = texts.filter(status=SmsMessage.Status.SCHEDULED)
    first = texts.select_related("lead").order_by("scheduled", "pk")[:MOST_ROWS]
    mine = "" if work.is_team else " user:me"
    url = link("message_list", f"status:scheduled{mine}")
    return Rows(list(first), str(count_of(texts)), url)
