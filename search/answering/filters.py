"""Filters of a list page. Each one is a term of the search, so a view can save it.

The page shows a filter as a chip that opens a menu, and terms without a menu as chips as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

import django_filters
from django.contrib.auth.base_user import AbstractBaseUser

from search.language.editing import terms_of, with_terms
from search.language.parser import parse
from search.language.tree import (
    PLAIN_NAME,
    RESERVED,
    Comparison,
    Expression,
    Group,
    Not,
    Or,
    Phrase,
    Query,
    Word,
    quoted,
)
from search.words.context import SearchContext
from search.words.vocabulary import Vocabulary
from smscenter.wording import upperfirst

# More would make each page of a large organization long; the search box completes them.
MOST_OPTIONS = 40
# More chips would take a second line. The search box and the sentence below it have all terms.
MOST_CHIPS = 3
SIGNS = {":": ": ", "=": ": ", "in": ": ", "!=": " isn't ", "not in": " isn't "}


class Person(NamedTuple):
    """A user as a filter's value, without what only the user's own pages need."""

    pk: int
    username: str
    name: str

    def __str__(self) -> str:
        return self.name

    def get_username(self) -> str:
        return self.username


PEOPLE = (Person, AbstractBaseUser)
NO_NAMES = {*RESERVED, "null", "none", "me"}


@lru_cache(maxsize=1_000)
def _typed(text: str) -> str:
    """Return a value as it's typed: in quotes if it isn't a plain name."""
    is_plain = PLAIN_NAME.fullmatch(text) and text.lower() not in NO_NAMES
    return text if is_plain else quoted(text)


class ListFilter(django_filters.FilterSet):  # type: ignore[misc]  # has no type hints
    """The filters of a list, as parameters of its URL. They're applied as terms of the search."""

    def term(self, name: str, value: Any) -> str:
        """Return a filter as a term: `status:sent`, `owner:me`."""
        return f"{name}:{self.value(value)}"

    def value(self, value: Any) -> str:
        """Return a filter's value as it's typed in a search."""
        if self._is_reader(value):
            return "me"
        return _typed(value.get_username() if isinstance(value, PEOPLE) else str(value))

    def _is_reader(self, value: Any) -> bool:
        return isinstance(value, PEOPLE) and value.pk == self._reader

    @cached_property
    def _reader(self) -> int | None:
        reader: int | None = self.request.user.pk
        return reader

    def rows(self, name: str) -> Iterable[Any]:
        """Return the rows that are the values of a filter."""
        rows: Iterable[Any] = self.filters[name].get_queryset(self.request)
        return rows

    def terms(self) -> list[str]:
        """Return the chosen filters as terms, without those that aren't valid."""
        if not any(name in self.data for name in self.filters):
            return []  # as usual: a form takes as long as a query
        self.form.is_valid()
        chosen = self.form.cleaned_data
        return [self.term(name, chosen[name]) for name in self.filters if chosen.get(name)]

    def choices(self) -> "tuple[FilterChoices, ...]":
        """Return the values of all filters."""
        return tuple(
            FilterChoices(name, str(each.label), self._values(name))
            for name, each in self.filters.items()
        )

    def _values(self, name: str) -> "tuple[Choice, ...]":
        """Return the values of a filter, the reader first. Those in the code are kept."""
        if isinstance(self.filters[name], django_filters.ModelChoiceFilter):
            return self._read_values(name)
        if (type(self), name) not in _fixed_values:
            _fixed_values[type(self), name] = self._read_values(name)
        return _fixed_values[type(self), name]

    def _read_values(self, name: str) -> "tuple[Choice, ...]":
        found: list[Choice] = []
        for value, label in self._labeled(name):
            if self._is_reader(value):
                found.insert(0, Choice("Me", self.term(name, value)))
            elif value:
                dot = getattr(value, "color", "")
                found.append(Choice(str(label), self.term(name, value), dot))
        return tuple(found)

    def _labeled(self, name: str) -> Iterator[tuple[Any, object]]:
        source = self.filters[name]
        if not isinstance(source, django_filters.ModelChoiceFilter):
            yield from source.field.choices
            return
        if label := source.extra.get("null_label"):
            yield source.null_value, label
        yield from ((row, row) for row in self.rows(name))


class Choice(NamedTuple):
    """A value of a filter. `dot` is the color of the dot in front of it."""

    label: str
    term: str
    dot: str = ""


_fixed_values: dict[tuple[type[ListFilter], str], tuple[Choice, ...]] = {}


class FilterChoices(NamedTuple):
    """A filter with its values."""

    name: str
    label: str
    choices: tuple[Choice, ...]


class OptionKind(NamedTuple):
    is_chosen: bool
    has_dot: bool


@dataclass(frozen=True)
class Option:
    """A value in a filter's menu. Its URL shows the list with it."""

    label: str
    url: str
    is_chosen: bool = False
    dot: str = ""

    @property
    def kind(self) -> OptionKind:
        return OptionKind(self.is_chosen, bool(self.dot))


@dataclass(frozen=True)
class Menu:
    """A filter's menu. Without a chosen option, `clear_url` is empty."""

    name: str
    label: str
    options: Sequence[Option]
    clear_url: str = ""
    has_more: bool = False

    @property
    def chosen(self) -> str:
        return next((option.label for option in self.options if option.is_chosen), "")

    @property
    def dot(self) -> str:
        return next((option.dot for option in self.options if option.is_chosen), "")


@dataclass(frozen=True)
class Chip:
    """A term without a menu. `clear_url` shows the list without it."""

    label: str
    term: str
    clear_url: str


@dataclass(frozen=True)
class ListUrl:
    """The address of a list and its order, which is empty for the usual one."""

    path: str
    sort: str = ""

    def of(self, query: Query) -> str:
        """Return the URL of the list's first page for a query."""
        parameters = {"q": str(query), **({"sort": self.sort} if self.sort else {})}
        return f"{self.path}?{urlencode(parameters)}"


@dataclass(frozen=True)
class FilterMenus:
    """The menus of a list's filters for a query. Equal ones are the same HTML, so it's kept."""

    query: Query
    url: ListUrl
    filters: tuple[FilterChoices, ...]

    @cached_property
    def terms(self) -> tuple[Expression, ...]:
        return terms_of(self.query)

    @cached_property
    def _places(self) -> dict[str, int]:
        """Return where each term is, by its normal form."""
        return {normal(str(term)): index for index, term in enumerate(self.terms)}

    def place(self, choices: Sequence[Choice]) -> int | None:
        """Return where the first term is that is one of these choices."""
        found = (self._places.get(normal(each.term)) for each in choices)
        return next((place for place in found if place is not None), None)

    def menus(self) -> list[Menu]:
        return [self._menu(*each) for each in self.filters]

    def _menu(self, name: str, label: str, choices: Sequence[Choice]) -> Menu:
        place = self.place(choices)
        return Menu(
            name=name,
            label=label,
            options=[self._option(choice, place) for choice in choices[:MOST_OPTIONS]],
            clear_url="" if place is None else self.without(place),
            has_more=len(choices) > MOST_OPTIONS,
        )

    def _option(self, choice: Choice, place: int | None) -> Option:
        terms = list(self.terms)
        index = len(terms) if place is None else place
        terms[index : index + 1] = _parsed(choice.term)
        return Option(
            choice.label,
            self.url.of(with_terms(self.query, terms)),
            is_chosen=place is not None and self._places.get(normal(choice.term)) == place,
            dot=choice.dot,
        )

    def without(self, place: int) -> str:
        """Return the URL of the list without the term at this place."""
        rest = [*self.terms[:place], *self.terms[place + 1 :]]
        return self.url.of(with_terms(self.query, rest))


@dataclass(frozen=True)
class FilterChips:
    """The filters of a list for a query: menus, and chips for terms without one."""

    filters: FilterMenus
    vocabulary: Vocabulary
    context: SearchContext

    @property
    def menus(self) -> list[Menu]:
        return self.filters.menus()

    @cached_property
    def chips(self) -> tuple[Chip, ...]:
        """Return chips for the first terms without a menu. Words are only in the search box."""
        if not self.filters.terms:
            return ()
        filters = [each.choices for each in self.filters.filters]
        known = {normal(choice.term) for choices in filters for choice in choices}
        found = [
            Chip(self._label(term), str(term), self.filters.without(place))
            for place, term in enumerate(self.filters.terms)
            if not isinstance(term, Word | Phrase | Or) and normal(str(term)) not in known
        ]
        chosen = sum(self.filters.place(choices) is not None for choices in filters)
        return tuple(found[: max(0, MOST_CHIPS - chosen)])

    def _label(self, term: Expression) -> str:
        match term:
            case Comparison():
                return upperfirst(self._comparison(term))
            case Not(term=Comparison() as inside):
                return f"Not {self._comparison(inside)}"
            case Not(term=inside):
                return f"Not {self._label(inside)}"
            case Group() if group := self.vocabulary.group(term.name.text):
                return f"{group.vocabulary.noun}: {term.where or 'any'}"
        return str(term)

    def _comparison(self, term: Comparison) -> str:
        name, values = term.name.text.lower(), ", ".join(value.text for value in term.values)
        if name == "has" and (flag := self.vocabulary.flag(values)):
            return flag.adjective or f"has {flag.noun}"
        found = self.vocabulary.field(name, self.context)
        label = found.display_name if found else term.name.text
        sign = SIGNS.get(term.operator, f" {term.operator} ")
        return f"{label}{sign}{values}"


@lru_cache(maxsize=1_000)
def _parsed(term: str) -> tuple[Expression, ...]:
    return terms_of(parse(term))


def normal(term: str) -> str:
    """Return the same text for terms that mean the same: `status:"Bad Fit"`, `status:bad_fit`."""
    return term.lower().replace('"', "").replace("_", " ")
