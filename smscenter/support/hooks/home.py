"""What support adds to the home page: requests that wait for the requester."""

from django.db.models import Q
from django.urls import reverse

from smscenter.accounts.pages.home import MOST_ROWS, Rows, Section, Work, sections
from smscenter.support.models import SupportRequest
from smscenter.support.models.states import State

SHOWN = ("organization_id", "kind", "state", "subject", "updated", "sender_id")


def your_turn(work: Work) -> Rows:
    """Return requests that support has a question about, and drafts."""
    requests = SupportRequest.objects.visible_to(work.user).filter(**work.of("created_by"))
    waiting = requests.filter(Q(state=State.MORE_INFORMATION) | Q(state=State.DRAFT))
    shown = waiting.select_related("sender").only(*SHOWN, "sender__phone")
    first = list(shown.order_by("-updated", "-pk")[:MOST_ROWS])
    number = waiting.count() if len(first) == MOST_ROWS else len(first)
    return Rows(first, f"{number:,}", reverse("request_list"))


sections.register(
    Section(
        "your-turn",
        "Your turn",
        "No requests are waiting for you.",
        "support/_home_request.html",
        your_turn,
        place=30,
        in_side=True,
    )
)
