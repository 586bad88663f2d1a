"""What happened to one text, before it's turned into rows."""

from dataclasses import dataclass, field
from datetime import datetime

from leads.models import Contact, Lead
from messaging.models import OptOut, SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.accounts.models import User
from smscenter.demo.failures import Failure

Status = SmsMessage.Status


@dataclass(slots=True)
class Text:
    """A text. `failures` are failed attempts; the last one is final if the status is an error.

    `opt_out` is the source of an opt-out in this text.
    """

    lead: Lead
    contact: Contact
    phone: str
    sender: SenderNumber
    words: str
    at: datetime
    user: User | None = None
    status: Status = Status.SENT
    receipt: str = SmsMessage.Receipt.DELIVERED
    failures: tuple[Failure, ...] = field(default=())
    scheduled: datetime | None = None
    opt_out: OptOut.Source | None = None

    @property
    def outgoing(self) -> bool:
        return self.status != Status.INBOX

    @property
    def reason(self) -> Reason | None:
        return self.failures[-1].reason if self.status == Status.ERROR else None

    def fail(self, *failures: Failure) -> None:
        self.status = Status.ERROR
        self.failures = failures
        last = failures[-1]
        self.receipt = "" if last.refused else SmsMessage.Receipt.FAILED
        if last.reason == Reason.OPTED_OUT:
            self.opt_out = OptOut.Source.CARRIER
