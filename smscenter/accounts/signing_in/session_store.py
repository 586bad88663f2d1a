"""Sessions in the database as Django stores them, read with a query that's compiled once.

Every request reads one. Most of the time for that went into making the SQL.
"""

from typing import Any

from django.contrib.sessions.backends import base, db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from smscenter.database.prepared import Prepared


@Prepared
def _columns(key: str) -> QuerySet[Any, Any]:
    return Session.objects.filter(session_key=key).values_list("session_data", "expire_date")


KEY_CHARACTERS = frozenset(base.VALID_KEY_CHARS)


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """Refuse keys that Django doesn't make: PostgreSQL fails on NUL, which one may have."""
        is_long = super()._validate_session_key(key)  # type: ignore[misc] # private
        return bool(is_long) and KEY_CHARACTERS.issuperset(key or "")

    def load(self) -> dict[str, Any]:
        """Return the session's data: none, and without its key, if it's over or unknown."""
        for data, expires in _columns(self.session_key):
            if expires > timezone.now():
                return self.decode(data)
        self._session_key = None
        return {}
