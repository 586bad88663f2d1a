"""Notifications as people read them: those of one kind at one place as one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from smscenter.notifications.kinds import Description, Kind, kinds
from smscenter.notifications.models import Notification


@dataclass
class Entry:
    """One or more notifications, newest first, and what the newest one says."""

    rows: list[Notification]
    descriptions: list[Description] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        return kinds.by_key[self.newest.kind]

    @property
    def count(self) -> int:
        return len({row.subject for row in self.rows})

    @property
    def newest(self) -> Notification:
        return self.rows[0]

    @property
    def first(self) -> Description:
        return self.descriptions[0]

    @property
    def sentence(self) -> str:
        several = self.first.several
        return several(self.count) if several and self.count > 1 else self.first.sentence

    @property
    def mail_subject(self) -> str:
        return self.sentence if self.count > 1 else self.first.subject or self.sentence

    @property
    def mail_sentence(self) -> str:
        one = self.first.details if self.count <= 1 else ""
        words = one or self.sentence
        return words if words.endswith((".", ":", "?", "!")) else f"{words}."

    @property
    def reasons(self) -> list[str]:
        """Return why texts failed, each reason once."""
        return list(dict.fromkeys(each.reason for each in self.descriptions if each.reason))

    @property
    def created(self) -> datetime:
        return self.newest.created

    @property
    def is_unread(self) -> bool:
        return self.newest.is_unread


def fold(rows: Iterable[Notification]) -> list[Entry]:
    """Describe these notifications. What was read isn't shown as one with what wasn't."""
    rows = list(rows)
    descriptions = _describe(rows)
    entries: dict[tuple[str, str, bool], Entry] = {}
    for row in rows:
        if description := descriptions.get(row.pk):
            key = (row.kind, row.place or str(row.pk), row.is_unread)
            entry = entries.setdefault(key, Entry([]))
            entry.rows.append(row)
            entry.descriptions.append(description)
    return list(entries.values())


def _describe(rows: Sequence[Notification]) -> dict[int, Description]:
    by_kind: dict[str, list[Notification]] = defaultdict(list)
    found: dict[int, Description] = {}
    for row in rows:
        kind = kinds.by_key[row.kind]
        if row.subject:
            by_kind[row.kind].append(row)
        else:
            found[row.pk] = Description(kind.too_many, reverse(kind.all_page))
    for name, of_kind in by_kind.items():
        found |= kinds.by_key[name].describe(of_kind)
    return found
