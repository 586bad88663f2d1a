from django.db import models
from django.db.models import Index

from smscenter.accounts.models import Owned, OwnedQuerySet
from smscenter.mail_queue import QueuedMail, QueuedMailQuerySet


# Both have `as_manager`, which the stubs give different types.
class MailQuerySet(QueuedMailQuerySet["Mail"], OwnedQuerySet["Mail"]):  # type: ignore[override]
    pass


class Mail(QueuedMail, Owned):
    """A mail about a request, to a person or to a carrier."""

    request = models.ForeignKey(
        "support.SupportRequest", on_delete=models.CASCADE, db_index=False, related_name="mails"
    )
    # Its entry in the history of the request.
    event = models.OneToOneField(
        "support.SupportRequestEvent", on_delete=models.CASCADE, related_name="mail"
    )
    # Where replies land in the request. If it's empty, they go to people.
    reply_to = models.EmailField(blank=True, default="", db_default="")

    objects = MailQuerySet.as_manager()

    class Meta(QueuedMail.Meta):
        indexes = [
            Index(fields=["request", "created"], name="mail_request"),
            *QueuedMail.Meta.indexes,
        ]

    @property
    def reply_address(self) -> str:
        return self.reply_to or super().reply_address

    @property
    def thread(self) -> str:
        return f"request-{self.request_id}"
