from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Prefetch, Q

from leads.models import Lead
from messaging.models import SmsMessage
from smscenter.accounts.models import OwnedQuerySet, User
from smscenter.support.models.states import OPEN, MoveError, State, is_reviewer
from smscenter.support.models.support_request_event import SupportRequestEvent
from smscenter.support.models.support_request_message import SupportRequestMessage

if TYPE_CHECKING:
    from smscenter.support.models.support_request import SupportRequest


class SupportRequestQuerySet(OwnedQuerySet["SupportRequest"]):
    def for_whitelisting(self) -> Self:
        return self.filter(kind="whitelist", sender__isnull=False)

    def for_reviewer(self, user: User) -> Self:
        """What this person may review, of all organizations: nothing, if they are no staff."""
        return self.submitted() if is_reviewer(user) else self.none()

    def submitted(self) -> Self:
        """What support gets to see: everything that was sent to it, whatever became of it."""
        return self.filter(submitted__isnull=False)

    def about_lead(self, lead: Lead) -> Self:
        """Those that texts of this lead belong to."""
        # Asked of each request: an organization has few of them, and a lead may have many texts.
        texts = SupportRequestMessage.objects.filter(request=OuterRef("pk"), message__lead=lead)
        rows = self.submitted().filter(Exists(texts), organization=lead.organization_id)
        return rows.select_related("sender", "created_by")

    def abandoned(self, before: datetime) -> Self:
        """Drafts that support never saw and that nobody has changed since."""
        return self.filter(state=State.DRAFT, submitted=None, updated__lt=before)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def take_next(self, by: User) -> "SupportRequest | None":
        """Assign the longest waiting one that nobody has. Two people never get the same.

        Raises MoveError for who is none of the support staff.
        """
        if not is_reviewer(by):
            raise MoveError("Only support staff can be assigned requests.")
        waiting = self.filter(state=State.SUBMITTED, assignee=None).order_by("submitted", "id")
        while support_request := waiting.first():
            try:
                support_request.assign(by, by)
            except MoveError:
                continue  # Somebody else was faster, so it is not among them any more.
            return support_request
        return None

    def unfinished_for(self, user: User) -> Self:
        """Their own drafts, and what support has of their organization."""
        own = Q(state=State.DRAFT, created_by=user)
        return self.visible_to(user).filter(own | Q(state__in=OPEN))

    def for_page(self) -> Self:
        """With what the requester's page of one request shows."""
        events = SupportRequestEvent.objects.for_requester().select_related("user")
        messages = SmsMessage.objects.order_by("-created", "-id")
        rows = self.select_related("sender", "created_by").prefetch_related("evidence")
        rows = rows.prefetch_related(Prefetch("events", events))
        return rows.prefetch_related(Prefetch("messages", messages))

    def for_list(self) -> Self:
        """With what a row of the list shows."""
        return self.select_related("sender", "created_by")

    def for_queue(self) -> Self:
        """With what a row of the review queue shows."""
        return self.select_related("organization", "sender", "assignee")

    def for_review(self) -> Self:
        """With whom and what the support staff's page of one request is about."""
        people = self.select_related("created_by__organization", "assignee", "decided_by")
        return people.select_related("organization", "sender").prefetch_related("evidence")
