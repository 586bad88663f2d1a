from smscenter.support.models.request import (
    Request,
    RequestEvent,
    RequestMessage,
    RequestQuerySet,
)
from smscenter.support.models.whitelisting import Whitelisting

__all__ = ["Request", "RequestEvent", "RequestMessage", "RequestQuerySet", "Whitelisting"]
