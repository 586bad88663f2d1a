from messaging.models.alert import Alert, AlertSettings, WeeklySummary
from messaging.models.attempt import Attempt
from messaging.models.bulk import BulkItem, BulkSend
from messaging.models.carrier import CarrierCode, CarrierEvent, Reclassification
from messaging.models.carrier_health import CarrierHealth
from messaging.models.carrier_price import CarrierPrice
from messaging.models.consent import Consent
from messaging.models.media_file import MediaFile
from messaging.models.message import SmsMessage, SmsMessageQuerySet
from messaging.models.phone_verification import PhoneVerification
from messaging.models.recipient import OptOut, Recipient
from messaging.models.sender import SenderNumber
from messaging.models.template import MessageTemplate
from messaging.models.text_count import ChangedQuarter, CountedZone, TextCount
from messaging.models.thread import Thread, ThreadVisit
from messaging.models.unmatched import UnmatchedText

__all__ = [
    "Alert",
    "AlertSettings",
    "Attempt",
    "BulkItem",
    "BulkSend",
    "CarrierCode",
    "CarrierEvent",
    "CarrierHealth",
    "CarrierPrice",
    "ChangedQuarter",
    "Consent",
    "CountedZone",
    "MediaFile",
    "MessageTemplate",
    "OptOut",
    "PhoneVerification",
    "Recipient",
    "Reclassification",
    "SenderNumber",
    "SmsMessage",
    "SmsMessageQuerySet",
    "TextCount",
    "Thread",
    "ThreadVisit",
    "UnmatchedText",
    "WeeklySummary",
]
