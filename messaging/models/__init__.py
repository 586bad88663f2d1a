from messaging.models.attempt import Attempt
from messaging.models.carrier import CarrierCode, CarrierEvent
from messaging.models.carrier_health import CarrierHealth
from messaging.models.message import SmsMessage, SmsMessageQuerySet
from messaging.models.recipient import Consent, OptOut, Recipient
from messaging.models.sender import SenderNumber
from messaging.models.template import MessageTemplate

__all__ = [
    "Attempt",
    "CarrierCode",
    "CarrierEvent",
    "CarrierHealth",
    "Consent",
    "MessageTemplate",
    "OptOut",
    "Recipient",
    "SenderNumber",
    "SmsMessage",
    "SmsMessageQuerySet",
]
