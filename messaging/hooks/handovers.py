"""Who gets a member's conversations when the member leaves."""

from messaging.models import Thread
from smscenter.accounts.members.handovers import Handover, handovers

handovers.register(
    Handover(
        "conversation",
        lambda member: Thread.objects.of_assignee(member).count(),
        lambda member, to, _by: Thread.objects.of_assignee(member).update(assignee=to),
    )
)
