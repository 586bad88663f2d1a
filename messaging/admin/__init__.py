from messaging.admin.carriers import CarrierCodeAdmin, CarrierEventAdmin
from messaging.admin.messages import (
    AttemptAdmin,
    MessageTemplateAdmin,
    SmsMessageAdmin,
    UnmatchedTextAdmin,
)
from messaging.admin.numbers import (
    ConsentAdmin,
    OptOutAdmin,
    RecipientAdmin,
    SenderNumberAdmin,
)

__all__ = [
    "AttemptAdmin",
    "CarrierCodeAdmin",
    "CarrierEventAdmin",
    "ConsentAdmin",
    "MessageTemplateAdmin",
    "OptOutAdmin",
    "RecipientAdmin",
    "SenderNumberAdmin",
    "SmsMessageAdmin",
    "UnmatchedTextAdmin",
]
