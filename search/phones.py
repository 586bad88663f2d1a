"""Phone numbers, asked for by area code, as a whole, or by some of their digits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from search.errors import Code
from search.fields import NOTHING, Field, ReadingError
from search.searcher import Searcher
from search.spoken import Clause, one_of
from search.tree import Value


@dataclass(frozen=True)
class Phone(Field):
    """An area code, a whole number in any notation, or digits anywhere in it.

    `read` answers the number as the column holds it, or None for what is no whole number.
    """

    read: Callable[[str], str | None] = field(default=lambda _: None, repr=False)
    home: str = "+1"

    kind = "phone"

    def matching(self, operator: str, value: Value, searcher: Searcher) -> Q:
        digits = "".join(character for character in value.text if character in "0123456789")
        if not digits or any(character.isalpha() for character in value.text):
            hint = 'Write an area code (415), a number ("(415) 555-0123"), or some of its digits.'
            raise ReadingError(Code.BAD_PHONE, f"“{value.text}” is no phone number.", hint)
        if len(digits) == 3 and not value.text.startswith("+"):
            return self.column.q("startswith", f"{self.home}{digits}", searcher)
        whole = self.read(value.text)
        return (
            self.column.q("exact", whole, searcher)
            if whole
            else self.column.q("contains", digits, searcher)
        )

    def containing(self, text: str, searcher: Searcher) -> Q:
        """For a bare word: its digits anywhere, whatever stands between them."""
        if any(character.isalpha() for character in text):
            return NOTHING
        digits = "".join(character for character in text if character in "0123456789")
        return self.column.q("contains", digits, searcher) if digits else NOTHING

    def filled(self, searcher: Searcher) -> Q:
        return self.column.is_filled()

    def say(self, operator: str, values: Sequence[Value], searcher: Searcher) -> Clause:
        return Clause("has", f"{self.said} {one_of(map(self._spoken, values))}")

    def _spoken(self, value: Value) -> str:
        digits = [character for character in value.text if character.isdigit()]
        if len(digits) == 3 and not value.text.startswith("+"):
            return f"in area code {value.text}"
        return self.read(value.text) or f"with {''.join(digits)} in it"

    def is_selective(self, value: Value) -> bool:
        return True
