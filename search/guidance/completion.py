"""What could stand at the cursor, by the same grammar and vocabulary that read the query."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from lark import Token, UnexpectedInput

from search.language.errors import QueryError
from search.language.parser import MAX_LENGTH, TYPED, UNSTORABLE, parser
from search.language.tree import Name, Value, as_value
from search.limits import count_of, time_limit
from search.words import vocabulary
from search.words.choice_fields import Choice
from search.words.context import Searcher
from search.words.date_fields import DateField
from search.words.fields import Field, Offer, ReadingError
from search.words.text_lookups import words_of
from search.words.vocabulary import Vocabulary

WORDS = {"WORD", "WORD_VALUE", "KEY", "RANGE", "_AND", "_OR", "NOT", "DATE_PHRASE"}
OPENING = {"LPAR", "IN", "NOT_IN", "GROUP"}
OPERATORS = {
    ":": "is",
    "!=": "is not, or has no value",
    ">": "more than, after, or older than",
    "<": "less than, before, or newer than",
    ">=": "at least, or since",
    "<=": "at most, or until",
}
KEYWORDS = {"and": "both terms", "or": "either term", "not": "everything else"}
DIRECTIVES = {"sort:": "order, - is descending", "limit:": "the most rows to show"}
MOST_COUNTED = 10
COUNTING_SECONDS = 0.2
SHORTEST = 2  # letters that a term inside of a group is found by


@dataclass(frozen=True)
class Suggestion:
    """`text` may replace what stands from `start` to `end`; `label` and `detail` are shown."""

    text: str
    label: str
    detail: str
    start: int
    end: int


def complete(
    model_name: str, text: str, cursor: int, user: Any, at: datetime | None = None
) -> list[Suggestion]:
    """The legal next things at a cursor, the best first. Raises nothing, whatever the text."""
    if len(text) > MAX_LENGTH:
        return []
    text = UNSTORABLE.sub("\ufffd", text).translate(TYPED)
    place = Place.find(text, max(0, min(cursor, len(text))))
    words = vocabulary.get(model_name)
    return list(Completer(words, Searcher.of(user, at), place).suggestions())


@dataclass
class Place:
    """Where the cursor stands: the tokens before it, the word that is being typed, what may come.

    `typed` stands from `start` to the cursor; `end` is where its last letter stands.
    """

    tokens: list[Token]
    accepted: set[str]
    typed: str
    start: int
    end: int

    @classmethod
    def find(cls, text: str, cursor: int) -> "Place":
        before = text[:cursor]
        tokens, stopped = _tokens(before)
        start = cursor
        last = tokens[-1] if tokens else None
        if stopped is not None and before[stopped : stopped + 1] == '"':
            start = stopped
        elif last and last.end_pos == cursor and last.type in WORDS and stopped is None:
            start = last.start_pos or 0
        tokens = [token for token in tokens if (token.end_pos or 0) <= start]
        after = re.match(r"[\w.@+-]*", text[cursor:])
        end = cursor + (after.end() if after and start < cursor else 0)
        return cls(tokens, _accepted(before[:start]), before[start:], start, end)

    @property
    def last(self) -> str:
        return self.tokens[-1].type if self.tokens else ""

    def field_name(self) -> str:
        """Of the comparison or list in which a value is wanted."""
        for index in range(len(self.tokens) - 1, 0, -1):
            if self.tokens[index].type in {"OPERATOR", "IN", "NOT_IN"}:
                return _unquoted(self.tokens[index - 1])
        return ""

    def group_names(self) -> list[str]:
        """The groups that are open here, the outermost first; others are empty."""
        names: list[str] = []
        for token in self.tokens:
            if token.type in OPENING:
                names.append(token[:-1] if token.type == "GROUP" else "")
            elif token.type in {"CLOSE", "RPAR"} and names:
                names.pop()
        return names


def _tokens(text: str) -> tuple[list[Token], int | None]:
    """The tokens of the text, and where the grammar stopped, if it did."""
    reading = parser().parse_interactive(text)
    tokens: list[Token] = []
    try:
        tokens.extend(reading.iter_parse())
    except UnexpectedInput as error:
        return tokens, error.pos_in_stream or 0
    except QueryError as error:
        return tokens, error.problem.start
    return tokens, None


def _accepted(text: str) -> set[str]:
    reading = parser().parse_interactive(text)
    try:
        reading.exhaust_lexer()
    except (UnexpectedInput, QueryError):
        return set()
    return set(reading.accepts())  # type: ignore[no-untyped-call]


def _unquoted(token: Token) -> str:
    return token[1:-1] if token.type == "STRING" else str(token)


@dataclass
class Completer:
    root: Vocabulary
    searcher: Searcher
    place: Place
    words: Vocabulary = field(init=False)

    def __post_init__(self) -> None:
        self.words = self.root
        for name in self.place.group_names():
            group = self.words.group(name) if name else None
            self.words = group.vocabulary if group else self.words

    def suggestions(self) -> Iterator[Suggestion]:
        accepted = self.place.accepted
        if "KEY" in accepted:
            yield from self._matching(self._sort_keys())
        elif "WORD_VALUE" in accepted:
            yield from self._values()
        else:
            yield from self._rest_of_date()
            if "OPERATOR" in accepted and not self.place.typed:
                yield from self._operators()
            if "WORD" in accepted:
                yield from self._matching(self._terms_in_order())

    def _put(self, text: str, label: str, detail: str, start: int | None = None) -> Suggestion:
        place = self.place
        return Suggestion(text, label, detail, place.start if start is None else start, place.end)

    def _matching(self, offers: Iterable[tuple[str, ...]]) -> Iterator[Suggestion]:
        """Those that begin with what is typed, then those with a later word that does.

        What comes after text, label and detail are other names of the same.
        """
        typed = self.place.typed.lstrip('"').lower()
        first, later = [], []
        for text, label, detail, *also in offers:
            name = label.lower().lstrip('"')
            words = words_of(" ".join([name, *also])) if typed else []
            if name.startswith(typed):
                first.append(self._put(text, label, detail))
            elif any(word.startswith(typed) for word in words):
                later.append(self._put(text, label, detail))
        yield from (*first, *later)

    def _terms_in_order(self) -> list[tuple[str, ...]]:
        """In an empty box the documented terms and the person's views; after a term, keywords."""
        offers: list[tuple[str, ...]] = list(self._terms())
        if self.place.typed:
            return [*offers, *self._inside()]
        if not self.place.tokens:
            known = {offer[0]: offer for offer in (*offers, *self._flags())}
            first = [known[text] for text in self.words.first if text in known]
            views = [(f"in:{text}", f"in:{text}", query) for text, _, query in self._views()]
            return [*first, *views, *(offer for offer in offers if offer not in first)]
        keywords = ("and ", "or ", "not ", "sort:")
        if "_OR" in self.place.accepted:
            offers.sort(key=lambda offer: offer[0] not in keywords)
        return offers

    def _flags(self) -> Iterator[tuple[str, ...]]:
        for flag in self.words.flags:
            name = f"has:{flag.all_names[0]}"
            yield name, name, flag.meaning, *flag.all_names[1:]

    def _inside(self) -> Iterator[tuple[str, ...]]:
        """What a word begins that stands behind `has:` or inside of a group."""
        if len(self.place.typed) < SHORTEST:
            return
        yield from self._flags()
        for group in self.words.groups:
            for each in group.vocabulary.fields:
                opening, shown, meaning = self._field(each)
                before = f"{group.all_names[0]}("
                yield f"{before}{opening}", f"{before}{shown}:…)", meaning

    def _terms(self) -> Iterator[tuple[str, str, str]]:
        """What may begin a term, and the keywords and directives that may stand here."""
        accepted = self.place.accepted
        for each in self._fields():
            yield self._field(each)
        for group in self.words.groups:
            yield f"{group.all_names[0]}(", f"{group.all_names[0]}(…)", group.meaning
        if self.words.flags or self.words is self.root:
            yield "has:", "has:", "at least one of something"
        if self.searcher.can_save_views(self.words.key):
            yield "in:", "in:", "a saved view"
        for keyword, meaning in KEYWORDS.items():
            if {"and": "_AND", "or": "_OR", "not": "NOT"}[keyword] in accepted:
                yield f"{keyword} ", keyword, meaning
        if "_SORT" in accepted:
            for directive, meaning in DIRECTIVES.items():
                yield directive, directive, meaning
        yield from self._synonyms()

    def _fields(self) -> list[Field]:
        return [*self.words.fields, *self.words.made(self.searcher).values()]

    def _field(self, each: Field, name: str = "") -> tuple[str, str, str]:
        shown = str(Name(0, 0, name or each.name))
        opening = f"{shown} > " if each.kind == "number" else f"{shown}:"
        return opening, shown, each.meaning

    def _synonyms(self) -> Iterator[tuple[str, str, str]]:
        if self.place.typed:
            for each in self.words.fields:
                for name in each.all_names[1:]:
                    yield self._field(each, name)
            for each in self.words.made(self.searcher).values():
                yield self._field(each, f"custom.{each.name}")

    def _operators(self) -> Iterator[Suggestion]:
        token = self.place.tokens[-1]
        found = self.words.field(_unquoted(token), self.searcher)
        for operator in found.operators if found else ():
            if operator in OPERATORS:
                yield self._put(f"{operator} ", operator, OPERATORS[operator])

    def _sort_keys(self) -> Iterator[tuple[str, str, str]]:
        for each in self._fields():
            try:
                each.order(self.searcher)
            except ReadingError:
                continue
            shown = str(Name(0, 0, each.name))
            yield shown, shown, each.meaning

    def _values(self) -> Iterator[Suggestion]:
        if self.place.last in {"_LIMIT", "_SLICE"}:
            return
        match self.place.field_name().lower():
            case "has":
                yield from self._matching(self._countable())
            case "in":
                yield from self._matching(self._views())
            case name:
                found = self.words.field(name, self.searcher)
                if found:
                    yield from self._matching(self._offered(found))

    def _countable(self) -> Iterator[tuple[str, ...]]:
        for flag in self.words.flags:
            yield flag.all_names[0], flag.all_names[0], flag.meaning, *flag.all_names[1:]
        for each in self._fields():
            shown = as_value(each.name)
            yield shown, shown, each.meaning

    def _views(self) -> Iterator[tuple[str, str, str]]:
        for view in self.searcher.saved_views(self.words.key):
            shown = as_value(view.name)
            yield shown, shown, view.query

    def _offered(self, found: Field) -> Iterator[tuple[str, ...]]:
        typed = self.place.typed.lstrip('"').lower()
        is_date = isinstance(found, DateField)
        offers = found.offers(self.searcher)
        if isinstance(found, DateField):
            offers = found.phrases(typed, self.searcher)
        typed_so_far = [offer for offer in offers if offer.text.lower().startswith(typed)]
        counts = self._counts(found, typed_so_far[:MOST_COUNTED])
        for offer in offers:
            detail = " · ".join(filter(None, [counts.get(offer.text), offer.detail]))
            # A date of several words needs no quotes, if it is typed from its beginning.
            plain = is_date and not self.place.typed.startswith('"')
            text = offer.text if plain else as_value(offer.text)
            yield text, text, detail, *offer.also

    def _counts(self, found: Field, offers: list[Offer]) -> dict[str, str]:
        """How many rows have these values, as far as that is known before the next key."""
        counts: dict[str, str] = {}
        if not isinstance(found, Choice) or found.rows or not vocabulary.is_registered(self.words):
            return counts
        end = monotonic() + COUNTING_SECONDS
        with suppress(QueryError), time_limit(COUNTING_SECONDS):
            for offer in offers:
                if monotonic() > end:
                    break
                counts[offer.text] = self._count(found, offer)
        return counts

    def _count(self, found: Choice, offer: Offer) -> str:
        """No more of the rows are read than are counted anywhere."""
        condition = found.matching("=", Value(0, 0, offer.text, quoted=True), self.searcher)
        count = count_of(self.words.visible_to(self.searcher.user).filter(condition))
        return f"{count} {self.words.noun if count.number == 1 else self.words.nouns}"

    def _rest_of_date(self) -> Iterator[Suggestion]:
        """`created > last w`: what begins a date of several words is a value so far, and a word.

        Also where the next word is not begun: `created > 14 `.
        """
        tokens = self.place.tokens
        at = max((i for i, token in enumerate(tokens) if token.type == "OPERATOR"), default=0)
        found = self.words.field(_unquoted(tokens[at - 1]), self.searcher) if at else None
        if not isinstance(found, DateField):
            return
        start = tokens[at + 1].start_pos if at + 1 < len(tokens) else None
        if start is None:
            return
        typed = " ".join([*tokens[at + 1 :], self.place.typed]).lower()
        for offer in found.phrases(typed, self.searcher):
            yield self._put(offer.text, offer.text, offer.detail, start)
