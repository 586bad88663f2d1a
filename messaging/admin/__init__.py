from messaging.admin.bulk import BulkItemAdmin, BulkSendAdmin
from messaging.admin.carriers import CarrierCodeAdmin, CarrierEventAdmin, CarrierHealthAdmin
from messaging.admin.messages import (
    AttemptAdmin,
    MessageTemplateAdmin,
    SmsMessageAdmin,
    ThreadAdmin,
    UnmatchedTextAdmin,
)
from messaging.admin.numbers import (
    ConsentAdmin,
    OptOutAdmin,
    PhoneVerificationAdmin,
    RecipientAdmin,
    SenderNumberAdmin,
)

__all__ = [
    "AttemptAdmin",
    "BulkItemAdmin",
    "BulkSendAdmin",
    "CarrierCodeAdmin",
    "CarrierEventAdmin",
    "CarrierHealthAdmin",
    "ConsentAdmin",
    "MessageTemplateAdmin",
    "OptOutAdmin",
    "PhoneVerificationAdmin",
    "RecipientAdmin",
    "SenderNumberAdmin",
    "SmsMessageAdmin",
    "ThreadAdmin",
    "UnmatchedTextAdmin",
]
