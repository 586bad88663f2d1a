"""Searches that list exactly the texts that a number counts."""

from datetime import date, datetime
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.safestring import mark_safe

from messaging.deliverability.counting import Filters
from messaging.deliverability.periods import DAY, Period
from messaging.deliverability.tallies import start_of
from messaging.models import SenderNumber
from smscenter.accounts.models import Organization, User

SENT, FAILED, RECEIVED = "status:sent", "status:error", "direction:incoming"
OUTGOING = "(status:sent or status:error)"


class Links:
    """Links to the texts of a period, for a reader whose days may begin at another time."""

    def __init__(
        self, organization: Organization, period: Period, filters: Filters, reader: ZoneInfo
    ) -> None:
        self.zone, self.reader = organization.zone, reader
        self.period, self.filters = period, filters
        self.page = reverse("message_list")
        self._quoted: dict[Period, str] = {}

    def to(self, *terms: str, period: Period | None = None) -> str:
        """Return the URL of the search for these terms, the filters, and the period."""
        quoted = quote_plus(" ".join(terms))
        # Templates needn't escape hundreds of them again.
        return mark_safe(f"{self.page}?q={quoted}+{self._rest(period or self.period)}")  # noqa: S308

    def _rest(self, period: Period) -> str:
        """Return the terms that all searches about a period share."""
        if period not in self._quoted:
            begin, end = self._moment(period.first), self._moment(period.last + DAY)
            terms = [*filter_terms(self.filters), f"created >= {begin} created < {end}"]
            self._quoted[period] = quote_plus(" ".join(terms))
        return self._quoted[period]

    def _moment(self, day: date) -> str:
        """Return when a day of the organization begins, on the reader's clock."""
        return _written(start_of(day, self.zone).astimezone(self.reader))


def filter_terms(filters: Filters) -> list[str]:
    terms = []
    if filters.sender:
        terms += sender_terms(filters.sender)
    elif filters.carrier:
        terms.append(carrier_term(filters.carrier))
    if filters.user:
        terms.append(user_term(filters.user))
    return terms


def sender_terms(sender: SenderNumber | None) -> list[str]:
    """Return the terms for texts from a number, or from none. Two carriers can have one number."""
    if sender is None:
        return [carrier_term("")]
    phone = sender.phone if sender.phone.startswith("+") else f'"{sender.phone}"'
    return [f"from:{phone}", carrier_term(sender.carrier)]


def carrier_term(carrier: str) -> str:
    return f"sender_carrier:{carrier or 'null'}"


def user_term(user: User | None) -> str:
    return f'user:"{user.username}"' if user else "user:null"


def template_term(template: str) -> str:
    return f"template_id:{template or 'null'}"


def _written(at: datetime) -> str:
    """Return `2026-11-23`, or `2026-11-23T21:00` if the day begins then."""
    return at.date().isoformat() if (at.hour, at.minute) == (0, 0) else f"{at:%Y-%m-%dT%H:%M}"
