"""The JSON of Twilio's Messages API."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import smsutil

from messaging.carriers.sandbox.network import Refused, Text
from messaging.carriers.sandbox.numbers import WORDS


def as_json(text: Text, account_sid: str) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{text.sid}"
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": text.body,
        "date_created": format_datetime(text.created),
        "date_sent": format_datetime(text.sent) if text.sent else None,
        "date_updated": format_datetime(text.updated),
        "direction": "outbound-api",
        "error_code": text.code or None,
        "error_message": WORDS[text.code] if text.code else None,
        "from": text.sender,
        "messaging_service_sid": None,
        "num_media": str(int(bool(text.picture_url))),
        "num_segments": str(len(smsutil.split(text.body).parts)),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.to,
        "uri": f"{uri}.json",
    }


def refusal(error: Refused) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": str(error),
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }


def page(texts: list[Text], query: Mapping[str, str], account_sid: str) -> dict[str, Any]:
    """Return the requested page of the texts that were sent when the query says."""
    texts = [text for text in texts if was_sent_when(text.sent, query)]
    number, size = int(query.get("Page", "0")), int(query.get("PageSize", "50"))
    start, end = number * size, (number + 1) * size
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
    more = urlencode({**query, "Page": number + 1, "PageSize": size})
    return {
        "messages": [as_json(text, account_sid) for text in texts[start:end]],
        "next_page_uri": f"{uri}?{more}" if end < len(texts) else None,
        "page": number,
        "page_size": size,
        "uri": f"{uri}?{urlencode(query)}",
    }


def was_sent_when(sent: datetime | None, query: Mapping[str, str]) -> bool:
    """Return whether a text matches the dates of a query.

    `DateSent>=2026-11-24` arrives as a parameter named `DateSent>`.
    """
    bounds = [query.get(name, "") for name in ("DateSent", "DateSent>", "DateSent<")]
    if not any(bounds):
        return True
    stamp = f"{sent:%Y-%m-%dT%H:%M:%SZ}" if sent else ""
    day, first, last = bounds
    return (
        bool(stamp)
        and stamp.startswith(day)
        and stamp[: len(first)] >= first
        and (not last or stamp[: len(last)] <= last)
    )
