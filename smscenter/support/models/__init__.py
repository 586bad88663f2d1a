from smscenter.support.models.evidence import Evidence
from smscenter.support.models.feedback import Feedback
from smscenter.support.models.mail import Mail, MailQuerySet
from smscenter.support.models.received_mail import ReceivedMail
from smscenter.support.models.saved_reply import SavedReply
from smscenter.support.models.support_request import SupportRequest, SupportRequestQuerySet
from smscenter.support.models.support_request_event import (
    SupportRequestEvent,
    SupportRequestEventQuerySet,
)
from smscenter.support.models.support_request_message import SupportRequestMessage
from smscenter.support.models.whitelisting import Whitelisting

__all__ = [
    "Evidence",
    "Feedback",
    "Mail",
    "MailQuerySet",
    "ReceivedMail",
    "SavedReply",
    "SupportRequest",
    "SupportRequestEvent",
    "SupportRequestEventQuerySet",
    "SupportRequestMessage",
    "SupportRequestQuerySet",
    "Whitelisting",
]
