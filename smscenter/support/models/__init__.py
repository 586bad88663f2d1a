from smscenter.support.models.event import RequestEvent, RequestEventQuerySet
from smscenter.support.models.evidence import Evidence
from smscenter.support.models.feedback import Feedback
from smscenter.support.models.mail import Mail, MailQuerySet
from smscenter.support.models.request import Request
from smscenter.support.models.request_message import RequestMessage
from smscenter.support.models.request_query import RequestQuerySet
from smscenter.support.models.whitelisting import Whitelisting

__all__ = [
    "Evidence",
    "Feedback",
    "Mail",
    "MailQuerySet",
    "Request",
    "RequestEvent",
    "RequestEventQuerySet",
    "RequestMessage",
    "RequestQuerySet",
    "Whitelisting",
]
