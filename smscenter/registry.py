"""What apps add to each other's pages, searches, and jobs.

An app registers this in its `hooks` module, which is imported at startup (docs/extend.md).
"""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Entries in the order in which they were registered. No two have the same `key`."""

    def __init__(self, key: Callable[[Entry], Any] = lambda entry: entry) -> None:
        self._key = key
        self.by_key: dict[Any, Entry] = {}

    def register(self, entry: Entry) -> Entry:
        """Add an entry and return it, so that this also works as a decorator.

        Raises ValueError if there's one with the same key.
        """
        key = self._key(entry)
        if key in self.by_key:
            raise ValueError(f"{key!r} is already registered.")
        self.by_key[key] = entry
        return entry

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.by_key.values())
