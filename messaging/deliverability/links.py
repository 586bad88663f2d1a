"""Searches that list exactly the texts that a number counts."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.http import urlencode

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
        self._moments: dict[date, str] = {}

    def to(self, *terms: str, period: Period | None = None) -> str:
        """Return the URL of the search for these terms, the filters, and the period."""
        days = period or self.period
        begin, end = self._moment(days.first), self._moment(days.last + DAY)
        query = " ".join(
            [*terms, *filter_terms(self.filters), f"created >= {begin} created < {end}"]
        )
        return f"{self.page}?{urlencode({'q': query})}"

    def _moment(self, day: date) -> str:
        """Return when a day of the organization begins, on the reader's clock."""
        if day not in self._moments:
            self._moments[day] = _written(start_of(day, self.zone).astimezone(self.reader))
        return self._moments[day]


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
