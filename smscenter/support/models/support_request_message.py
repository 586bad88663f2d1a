from django.db import models
from django.db.models import UniqueConstraint

from messaging.models import SmsMessage
from smscenter.accounts.models import Owned


class SupportRequestMessage(Owned):
    """A failed text attached to a request as evidence."""

    request = models.ForeignKey("support.SupportRequest", on_delete=models.CASCADE, db_index=False)
    message = models.ForeignKey(SmsMessage, on_delete=models.CASCADE)

    class Meta:
        constraints = [UniqueConstraint(fields=["request", "message"], name="request_message")]

    def __str__(self) -> str:
        return f"{self.message} of {self.request}"
