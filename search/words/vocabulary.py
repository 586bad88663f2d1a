"""The search fields of each searchable model, contributed by the apps that own the data.

An app registers the vocabulary of a searchable model in its hooks (docs/extend.md), or adds fields
to the vocabulary of another app:

    leads = vocabularies.register(Vocabulary("lead", Lead, "lead", "leads"))
    leads.add(TextField("name company", Column("name"), meaning="The lead's name.", example="…"))
    leads.add_group(FieldGroup("note", notes, RelatedRows("leads.Note", "lead"), noun="a note", …))

A vocabulary is an allow-list: people can only search what it defines.
"""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from functools import reduce
from operator import and_, attrgetter, or_
from typing import Any

from django.db.models import Model, Q, QuerySet

from search.language.tree import Expression, Value
from search.words.context import SearchContext
from search.words.fields import NOTHING, Field
from search.words.phone_fields import PhoneField
from search.words.related_rows import ParentRow, RelatedRows, WordRows
from search.words.text_fields import TextField
from search.words.text_lookups import emoji_of
from smscenter.registry import Registry

# Names that a custom field can't have, because they can come before an operator too.
KEYWORDS = frozenset({"has", "in"})

Source = Callable[[SearchContext], list[Field]]


@dataclass(frozen=True)
class Flag:
    """A value of `has:`."""

    names: str
    q: Callable[[SearchContext], Q]
    _: KW_ONLY
    meaning: str
    noun: str  # in the interpretation: leads with …
    adjective: str = ""  # instead of the noun: texts that are …

    @property
    def all_names(self) -> tuple[str, ...]:
        return tuple(self.names.split())


@dataclass(frozen=True)
class FieldGroup:
    """A group such as `sms(…)`: one related row that matches all terms inside.

    `shortcut` may return a condition on the row's own columns for the whole group. It gets the
    terms inside and their condition.
    """

    names: str
    vocabulary: "Vocabulary"
    rows: RelatedRows
    _: KW_ONLY
    meaning: str
    example: str
    noun: str  # with its article: an SMS
    shortcut: Callable[[Expression | None, Q], Q | None] = field(
        default=lambda _where, _q: None, repr=False
    )

    @property
    def all_names(self) -> tuple[str, ...]:
        return tuple(self.names.split())


class Vocabulary:
    """The search fields of a model. `key` names the model in URLs, saved views, and the shell.

    Users search the rows of their organization, unless a subclass says otherwise.
    """

    def __init__(self, key: str, model: type[Model], noun: str, nouns: str) -> None:
        self.key, self.model, self.noun, self.nouns = key, model, noun, nouns
        self.fields: list[Field] = []
        self.groups: list[FieldGroup] = []
        self.flags: list[Flag] = []
        self.bare_fields: list[Field] = []
        # The words of all bare fields that are texts.
        self.bare_words: WordRows | None = None
        # The rows themselves, if PostgreSQL has an index of the words of all bare fields.
        self.bare_index: RelatedRows | None = None
        self.opposites: list[tuple[Q, Q]] = []
        self.joint_rules: list[Callable[[list[Q]], list[Q]]] = []
        self.custom_sources: list[Source] = []
        self.untracked: dict[str, str] = {}
        self.alternatives: dict[str, str] = {}
        self.suggested_queries: dict[str, str] = {}
        self.first_terms: tuple[str, ...] = ()
        self.tracked = ""
        self._by_name: dict[str, Field] = {}

    @property
    def title(self) -> str:
        """Return the plural for the beginning of a sentence: Leads, SMS."""
        return self.nouns.capitalize() if self.nouns.islower() else self.nouns

    @property
    def page(self) -> str:
        """Return the name of the URL that lists the rows."""
        return f"{self.key}_list"

    def is_available_to(self, user: Any) -> bool:
        """Return whether this user can search these rows and see the fields and their values."""
        return bool(getattr(user, "organization_id", None))

    def visible_to(self, user: Any) -> QuerySet[Any]:
        rows: Any = self.model._default_manager
        return rows.visible_to(user)  # type: ignore[no-any-return]

    def rows(self, context: SearchContext) -> QuerySet[Any]:
        """Return the rows that subqueries start from."""
        return self.model._base_manager.filter(organization_id=context.organization)

    def add(self, *fields: Field, bare: bool = False) -> None:
        """Add fields. Bare words are searched in `bare` fields.

        Raises ValueError if there's one of the same name.
        """
        for each in fields:
            self.fields.append(each)
            for name in each.all_names:
                if name in self._by_name:
                    raise ValueError(f"{self.key} has two search fields named {name}.")
                self._by_name[name] = each
        if bare:
            self.bare_fields.extend(fields)

    def add_bare(self, *fields: Field) -> None:
        """Search bare words in these fields too, without adding the fields themselves."""
        self.bare_fields.extend(fields)

    def add_group(self, *groups: FieldGroup) -> None:
        self.groups.extend(groups)

    def add_flag(self, *flags: Flag) -> None:
        self.flags.extend(flags)

    def negate(self, q: Q) -> Q:
        """Return the rows that don't satisfy q, by a condition that has an index if there's one."""
        return next((opposite for each, opposite in self.opposites if each == q), ~q)

    def all_of(self, conditions: list[Q]) -> Q:
        """Return the rows that satisfy all conditions, by simpler ones if they allow that."""
        for rule in self.joint_rules:
            conditions = rule(conditions)
        return reduce(and_, conditions)

    def add_custom_fields(self, source: Source) -> None:
        """Add a function that returns the fields that an organization defines itself."""
        self.custom_sources.append(source)

    def not_tracked(self, tracked: str, **untracked: str) -> None:
        """Name what isn't tracked here, with the fields that other products have for it.

        `tracked` is what people can search instead. `alternatives` maps such a field to one here.
        """
        self.tracked = tracked
        for noun, names in untracked.items():
            self.untracked |= dict.fromkeys(names.split(), noun.replace("_", " "))

    def untracked_noun(self, name: str) -> str:
        """Return what isn't tracked here if another product has this field, or an empty string.

        A part of the name is enough: `last_called`, `opportunity_user`.
        """
        name = name.lower()
        if name in self.untracked:
            return self.untracked[name]
        parts = name.split("_")
        return next((self.untracked[part] for part in parts if part in self.untracked), "")

    def suggest_first(self, *terms: str) -> None:
        """Set the first suggestions of an empty search box: the beginnings of terms."""
        self.first_terms = terms

    def suggest_queries(self, **queries: str) -> None:
        """Suggest queries for bare words: `failed_today="…"` for someone who types failed today."""
        self.suggested_queries |= {words.replace("_", " "): each for words, each in queries.items()}

    def custom_fields(self, context: SearchContext) -> dict[str, Field]:
        """Return the organization's own fields by lowercase name. Read once per search."""

        def read() -> dict[str, Field]:
            fields = [each for source in self.custom_sources for each in source(context)]
            return {each.name.lower(): each for each in fields}

        return context.once(("custom fields", self.key), read)

    def field(self, name: str, context: SearchContext) -> Field | None:
        name = name.lower()
        found = self._by_name.get(name)
        if found or name in KEYWORDS or not self.custom_sources:
            return found
        return self.custom_fields(context).get(name.removeprefix("custom."))

    def group(self, name: str) -> FieldGroup | None:
        name = name.lower()
        return next((group for group in self.groups if name in group.all_names), None)

    def flag(self, name: str) -> Flag | None:
        name = name.lower()
        return next((flag for flag in self.flags if name in flag.all_names), None)

    def names(self, context: SearchContext) -> list[str]:
        """Return all names that can come before an operator."""
        return [*self._by_name, *sorted(KEYWORDS), *self.custom_fields(context)]

    def has_names(self, context: SearchContext) -> list[str]:
        flags = [name for flag in self.flags for name in flag.all_names]
        groups = [group.all_names[0] for group in self.groups]
        return list(dict.fromkeys([*flags, *groups, *self._by_name, *self.custom_fields(context)]))

    def bare_condition(self, value: Value, context: SearchContext) -> Q:
        """Return the condition for a word or phrase in any bare field."""
        # They have no emoji.
        words = None if emoji_of(value.text) else self.bare_words
        fields = [each for each in self.bare_fields if not (words and isinstance(each, TextField))]
        own = _any(
            _of_row(each, value, context)
            for each in fields
            if each.rows is None or isinstance(each.rows, ParentRow)
        )
        if self.bare_index:
            own = self.bare_index.those(own, context)
        parts = [
            (each.rows, q)
            for each in fields
            if each.rows and not isinstance(each.rows, ParentRow)
            if (q := _bare(each, value, context)) != NOTHING
        ]
        if words:
            lookup = "phrase" if value.quoted else "words"
            if not parts and own == NOTHING:
                return words.having_words(lookup, value.text, context)
            parts.append((words, words.indexed(lookup, value.text, context)))
        if not parts:
            return own
        # A union, because no database uses several indexes for `or` across tables.
        matching = self.rows(context).filter(own)
        owners = (rows.owners(q, context) for rows, q in parts)
        return Q(pk__in=matching.order_by().values("pk").union(*owners))


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, NOTHING)


def _bare(each: Field, value: Value, context: SearchContext) -> Q:
    if isinstance(each, PhoneField):
        return each.containing(value.text, context)
    # `@x.com` as a bare word isn't a domain: it's searched as words of the address.
    return TextField.matching(each, "=", value, context) if isinstance(each, TextField) else NOTHING


def _of_row(each: Field, value: Value, context: SearchContext) -> Q:
    """Return the condition of a field of the row itself, or of one that it points to."""
    q = _bare(each, value, context)
    return each.rows.having(q, context) if each.rows and q != NOTHING else q


def nearest(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """Return the names most similar to a mistyped one."""
    return difflib.get_close_matches(name.lower(), list(names), count, 0.6)


vocabularies: Registry[Vocabulary] = Registry(key=attrgetter("key"))


def get(key: str) -> Vocabulary:
    """Return the vocabulary of a model. Raises KeyError if the model isn't searchable."""
    return vocabularies.by_key[key]


def for_model(model: type[Any]) -> Vocabulary:
    return next(each for each in vocabularies if each.model is model)


def keys() -> list[str]:
    return [each.key for each in vocabularies]


def available_to(user: Any) -> list[Vocabulary]:
    """Return the vocabularies that this user can search."""
    return [each for each in vocabularies if each.is_available_to(user)]


def is_registered(vocabulary: Vocabulary) -> bool:
    """Return whether its rows can be searched on their own, not only in a group."""
    return vocabulary in vocabularies
