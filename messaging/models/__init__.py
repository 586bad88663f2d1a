from messaging.models.attempt import Attempt
from messaging.models.carrier import CarrierCode, CarrierEvent
from messaging.models.consent import Consent
from messaging.models.message import SmsMessage, SmsMessageQuerySet
from messaging.models.recipient import OptOut, Recipient
from messaging.models.sender import SenderNumber
from messaging.models.template import MessageTemplate

__all__ = [
    "Attempt",
    "CarrierCode",
    "CarrierEvent",
    "Consent",
    "MessageTemplate",
    "OptOut",
    "Recipient",
    "SenderNumber",
    "SmsMessage",
    "SmsMessageQuerySet",
]
