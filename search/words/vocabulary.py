"""What the words of a searchable model mean. The apps that own the data contribute them.

An app has a module `vocabulary`, which is found like admin modules are. It registers a model, or
adds words to one that another app registered:

    leads = vocabulary.register("lead", Lead, "lead", "leads")
    leads.add(Text("name company", Column("name"), meaning="The lead's name.", example="name:john"))
    leads.add_group(Group("note", notes, Rows("leads.Note", "lead"), noun="a note", …))

The vocabulary is an allow-list: nothing else of a model can be asked for.
"""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Model, Q, QuerySet

from search.language.tree import Expression, Value
from search.words.context import Searcher
from search.words.fields import NOTHING, Field
from search.words.phone_fields import Phone
from search.words.related_rows import Rows
from search.words.text_fields import Text

# They stand where a field would, and no word that people make can be called so.
KEYWORDS = frozenset({"has", "in"})

Source = Callable[[Searcher], list[Field]]


@dataclass(frozen=True)
class Flag:
    """A word that stands after `has:` and nowhere else."""

    names: str
    q: Callable[[Searcher], Q]
    _: KW_ONLY
    meaning: str
    noun: str  # sentences say: with …

    @property
    def all_names(self) -> tuple[str, ...]:
        return tuple(self.names.split())


@dataclass(frozen=True)
class Group:
    """`sms(…)`: one and the same related row, of which the words of `vocabulary` are said.

    `shortcut` may answer the whole group from columns that the row itself keeps.
    """

    names: str
    vocabulary: "Vocabulary"
    rows: Rows
    _: KW_ONLY
    meaning: str
    example: str
    noun: str  # with its article: an SMS
    shortcut: Callable[[Expression | None], Q | None] = field(default=lambda _: None, repr=False)

    @property
    def all_names(self) -> tuple[str, ...]:
        return tuple(self.names.split())


class Vocabulary:
    """The search fields of one kind of row. `key` names the model in saved views and in the shell.

    Its rows belong to organizations, and each person searches those of their own. A subclass may
    decide otherwise.
    """

    def __init__(self, key: str, model: type[Model], noun: str, nouns: str) -> None:
        self.key, self.model, self.noun, self.nouns = key, model, noun, nouns
        self.fields: list[Field] = []
        self.groups: list[Group] = []
        self.flags: list[Flag] = []
        self.everywhere: list[Field] = []
        self.sources: list[Source] = []
        self.elsewhere: dict[str, str] = {}
        self.instead: dict[str, str] = {}
        self.meanings: dict[str, str] = {}
        self.first: tuple[str, ...] = ()
        self.kept = ""
        self._by_name: dict[str, Field] = {}

    @property
    def title(self) -> str:
        """At the beginning of a sentence: Leads, SMS."""
        return self.nouns.capitalize() if self.nouns.islower() else self.nouns

    @property
    def page(self) -> str:
        """The name of the URL that lists the rows."""
        return f"{self.key}_list"

    def is_for(self, user: Any) -> bool:
        """Whether this person may search here, and learn which words and values there are."""
        return bool(getattr(user, "organization_id", None))

    def visible_to(self, user: Any) -> QuerySet[Any]:
        rows: Any = self.model._default_manager
        return rows.visible_to(user)  # type: ignore[no-any-return]

    def rows(self, searcher: Searcher) -> QuerySet[Any]:
        """What subqueries start from."""
        return self.model._base_manager.filter(organization_id=searcher.organization)

    def add(self, *fields: Field, bare: bool = False) -> None:
        """Add words; `bare` ones are looked in for a word that stands alone."""
        for each in fields:
            self.fields.append(each)
            for name in each.all_names:
                if name in self._by_name:
                    raise ValueError(f"{self.key} has two words {name}.")
                self._by_name[name] = each
        if bare:
            self.everywhere.extend(fields)

    def look_in(self, *fields: Field) -> None:
        """Look for bare words in these too."""
        self.everywhere.extend(fields)

    def add_group(self, *groups: Group) -> None:
        self.groups.extend(groups)

    def add_flag(self, *flags: Flag) -> None:
        self.flags.extend(flags)

    def add_source(self, source: Source) -> None:
        """Words that each organization makes for itself, with names of any kind."""
        self.sources.append(source)

    def not_tracked(self, kept: str, **words: str) -> None:
        """Words known from elsewhere, by what they mean, and what is kept here.

        `instead` has fields of this vocabulary that are close to such a word.
        """
        self.kept = kept
        for meaning, names in words.items():
            self.elsewhere |= dict.fromkeys(names.split(), meaning.replace("_", " "))

    def not_kept(self, name: str) -> str:
        """Return what a word means that is known from elsewhere; empty for others.

        `last_called` and `opportunity_user` have a part that is known.
        """
        name = name.lower()
        if name in self.elsewhere:
            return self.elsewhere[name]
        parts = name.split("_")
        return next((self.elsewhere[part] for part in parts if part in self.elsewhere), "")

    def offer_first(self, *terms: str) -> None:
        """Name the beginnings of terms that an empty search box offers first."""
        self.first = terms

    def means(self, **words: str) -> None:
        """Add queries that people probably mean by words, which are parted by `_`."""
        self.meanings |= {name.replace("_", " "): query for name, query in words.items()}

    def made(self, searcher: Searcher) -> dict[str, Field]:
        """The organization's own words by name, in small letters. Read once a search."""

        def read() -> dict[str, Field]:
            made = [each for source in self.sources for each in source(searcher)]
            return {each.name.lower(): each for each in made}

        return searcher.once(("words", self.key), read)

    def field(self, name: str, searcher: Searcher) -> Field | None:
        name = name.lower()
        found = self._by_name.get(name)
        if found or name in KEYWORDS or not self.sources:
            return found
        return self.made(searcher).get(name.removeprefix("custom."))

    def group(self, name: str) -> Group | None:
        name = name.lower()
        return next((group for group in self.groups if name in group.all_names), None)

    def flag(self, name: str) -> Flag | None:
        name = name.lower()
        return next((flag for flag in self.flags if name in flag.all_names), None)

    def names(self, searcher: Searcher) -> list[str]:
        """All that may stand before an operator."""
        return [*self._by_name, *sorted(KEYWORDS), *self.made(searcher)]

    def has_names(self, searcher: Searcher) -> list[str]:
        flags = [name for flag in self.flags for name in flag.all_names]
        groups = [group.all_names[0] for group in self.groups]
        return list(dict.fromkeys([*flags, *groups, *self._by_name, *self.made(searcher)]))

    def found(self, value: Value, searcher: Searcher) -> Q:
        """The rows in which a word or phrase stands anywhere."""
        own = [each for each in self.everywhere if each.rows is None]
        related = [each for each in self.everywhere if each.rows is not None]
        q = _any(_bare(each, value, searcher) for each in own)
        if not related:
            return q
        # A union, because no database walks several indexes for `or` across tables.
        mine = self.rows(searcher).filter(q)
        parts = [
            each.rows.owners(_bare(each, value, searcher), searcher)
            for each in related
            if each.rows
        ]
        return Q(pk__in=mine.order_by().values("pk").union(*parts))


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, NOTHING)


def _bare(each: Field, value: Value, searcher: Searcher) -> Q:
    if isinstance(each, Phone):
        return each.containing(value.text, searcher)
    # Not what `email:@x.com` means: words of the address.
    return Text.matching(each, "=", value, searcher) if isinstance(each, Text) else NOTHING


def nearest(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """Return the names that a mistyped one is most like."""
    return difflib.get_close_matches(name.lower(), list(names), count, 0.6)


_vocabularies: dict[str, Vocabulary] = {}


def register(
    key: str, model: type[Model], noun: str, nouns: str, *, kind: type[Vocabulary] = Vocabulary
) -> Vocabulary:
    """Make a model searchable."""
    _vocabularies[key] = made = kind(key, model, noun, nouns)
    return made


def get(key: str) -> Vocabulary:
    """Raises KeyError for a model that is not searchable."""
    return _vocabularies[key]


def of_model(model: type[Any]) -> Vocabulary:
    return next(each for each in _vocabularies.values() if each.model is model)


def keys() -> list[str]:
    return list(_vocabularies)


def all_for(user: Any) -> list[Vocabulary]:
    """Those in which this person may search."""
    return [each for each in _vocabularies.values() if each.is_for(user)]


def is_registered(words: Vocabulary) -> bool:
    """Whether its rows can be searched by themselves, not only inside a group."""
    return words in _vocabularies.values()
