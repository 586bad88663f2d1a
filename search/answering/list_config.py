"""What differs between list pages: their columns, filters, orders, and files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.urls import reverse

from search.answering.everything import Everything
from search.answering.filters import ListFilter
from search.answering.paging import Order


@dataclass(frozen=True)
class Column:
    """A column of a list. People can hide it if it has a `name`.

    `sort` is the order's key without its sign, `first` the order of the first click, and `field`
    the search field that a saved view sorts by.
    """

    label: str
    sort: str = ""
    first: str = ""
    name: str = ""
    field: str = ""
    is_default: bool = True
    is_number: bool = False

    @property
    def width(self) -> str:
        """Return the name by which `lists.css` sets the width."""
        return self.name or self.label.lower()


@dataclass(frozen=True)
class ListConfig:
    """The configuration of a list page. `export` is the name of the download's URL.

    `reads` are the columns that are read of each row. Without them, rows are models. `everything`
    reads the first page without a search.
    """

    model: str
    one: str
    label: str
    placeholder: str
    examples: Sequence[tuple[str, str]]
    filters: type[ListFilter]
    orders: Mapping[str, Order]
    default_sort: str
    columns: Sequence[Column]
    export: str
    exported: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    reads: Sequence[str] = ()
    everything: Everything | None = None
    heading: str = ""  # of the page, if it isn't the label
    detail: str = ""  # the name of a row's URL, if it isn't its absolute URL

    @property
    def title(self) -> str:
        return self.heading or self.label.capitalize()

    def url_of(self, row: Any) -> str:
        """Return the URL of the page that this list opens for a row."""
        return reverse(self.detail, args=[row.pk]) if self.detail else row.get_absolute_url()

    @property
    def optional_columns(self) -> list[Column]:
        return [column for column in self.columns if column.name]

    def column_of(self, sort: str) -> Column | None:
        """Return the column that an order sorts by: `-name`."""
        key = sort.lstrip("-")
        return next((column for column in self.columns if key and column.sort == key), None)


class HeadingKind(NamedTuple):
    column: Column
    aria_sort: str


@dataclass(frozen=True)
class Heading:
    """A column's heading: a link that sorts by the column or reverses the order."""

    column: Column
    current: str = ""
    url: str = ""

    @property
    def kind(self) -> HeadingKind:
        return HeadingKind(self.column, self.aria_sort)

    @property
    def key(self) -> str:
        return self.column.sort

    @property
    def is_current(self) -> bool:
        return bool(self.key) and self.current.lstrip("-") == self.key

    @property
    def sort(self) -> str:
        if not self.is_current:
            return self.column.first
        return self.key if self.current.startswith("-") else f"-{self.key}"

    @property
    def aria_sort(self) -> str:
        if not self.is_current:
            return ""
        return "descending" if self.current.startswith("-") else "ascending"
