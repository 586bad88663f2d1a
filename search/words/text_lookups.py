"""Lookups for words in text: `name__words="john"`, `name__phrase="menlo park"`.

A word is a run of letters and digits, compared without case and accents. `words` matches adjacent
words, the last of which may be a prefix. `phrase` matches whole words only. A value without words
matches nothing.

PostgreSQL uses full text search over `search_words(text)`, a function created by a migration of
this app, with an index over the same expression (`WordVector`). SQLite gets `search_words` as a
Python function, and tables of FTS5 have its words (`word_index.py`). Both fold the same characters,
which a test checks. If that changes, these tables have to be filled again.

A `WordsField` holds the words of a text, for tables that triggers fill: then no search has to find
the words first, and a text that changes often isn't in the index with its words.
"""

import re
import unicodedata
from sqlite3 import Connection
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Field, Func, Lookup, TextField, Value
from django.db.models.functions import Lower, StrIndex, Substr
from django.db.models.sql.compiler import SQLCompiler

# All other characters separate words. The migration for PostgreSQL has a copy of this and of FOLD.
LETTERS = (
    "0-9a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u037d\u037f-\u0386"
    "\u0388-\u0589\u0591-\u05f4\u0610-\u061a\u0620-\u0669\u066e-\u06d3\u06d5-\u0963\u0966-\u167f\u1681-\u1fff"
    "\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufefe\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\uff66-\uffdc\U00010000-\U0001cfff\U00020000-\U0003ffff"
)
WORD = re.compile(f"[{LETTERS}]+")
# Runs of emoji, without joiners and skin tones, which vary with the phone.
EMOJI = re.compile(
    "[\u231a-\u23ff\u2600-\u27bf\u2b05-\u2b55\U0001f000-\U0001f3fa\U0001f400-\U0001faff]+"
)
FOLDED_BLOCKS = ((0x41, 0x5A), (0xC0, 0x24F), (0x370, 0x58F), (0x1E00, 0x1FFF))
UNDECOMPOSED = {"Ø": "o", "ø": "o", "Ł": "l", "ł": "l", "Đ": "d", "đ": "d", "Ħ": "h", "ħ": "h"}
VARIANTS = {"ı": "i", "ς": "σ"}
# The attribute of a query whose conditions are compared with one row after the other.
ROW_BY_ROW = "row_by_row"
LONGEST_WORD = 500  # characters; PostgreSQL refuses words of 2,046 bytes


def _folded(character: str) -> str:
    base, *marks = list(unicodedata.normalize("NFD", character))
    lower = base.lower()
    simple = (
        len(lower) == 1
        and lower.isalnum()
        and all(unicodedata.category(mark) == "Mn" for mark in marks)
    )
    return lower if simple else character


def _table() -> dict[int, str | None]:
    """Map each character to its base letter, and combining accents to nothing."""
    table: dict[int, str | None] = {
        code: _folded(chr(code))
        for first, last in FOLDED_BLOCKS
        for code in range(first, last + 1)
        if _folded(chr(code)) != chr(code)
    }
    table |= {ord(before): after for before, after in (UNDECOMPOSED | VARIANTS).items()}
    return table | dict.fromkeys(range(0x300, 0x370))


FOLD = _table()


def words_of(text: str) -> list[str]:
    """Return the folded words: zurich, west, and 8 for `Zürich-West 8`."""
    return WORD.findall(text.lower() if text.isascii() else text.translate(FOLD))


def emoji_of(text: str) -> list[str]:
    """Return the distinct runs of emoji, which word indexes don't contain."""
    return [] if text.isascii() else list(dict.fromkeys(EMOJI.findall(text)))


def is_searchable(text: str) -> bool:
    """Return whether a text has words or emoji to search for."""
    return bool(words_of(text) or emoji_of(text))


def search_words(text: str | None) -> str | None:
    """Return the words separated by single spaces, for SQLite."""
    return None if text is None else f" {' '.join(words_of(text))} "


def add_sqlite_function(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Define `search_words` on a new SQLite connection."""
    if connection.vendor == "sqlite":
        database: Connection = connection.connection
        database.create_function("search_words", 1, search_words, deterministic=True)


def email_domain(column: str) -> Lower:
    """Return the expression for the domain of an email address, for searches and their index."""
    return Lower(Substr(column, StrIndex(column, Value("@")) + 1))


class WordVector(Func):
    """The expression for an index that serves these lookups on PostgreSQL."""

    template = "to_tsvector('simple'::regconfig, search_words(%(expressions)s))"
    arity = 1
    output_field = SearchVectorField()


class WordsField(Field[str, str]):
    """The words of a text as the database compares them: `WordsOf` of the text."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"


class WordsOf(Func):
    """What a `WordsField` holds for a text."""

    template = WordVector.template
    arity = 1
    output_field = WordsField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="search_words(%(expressions)s)")


@CharField.register_lookup
@TextField.register_lookup
class WordsLookup(Lookup[Any]):
    lookup_name = "words"
    prefix = True

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        words = words_of(str(self.rhs))
        if not words or max(map(len, words)) > LONGEST_WORD:
            raise EmptyResultSet
        text, params = self.process_lhs(compiler, connection)
        stored = self.stored(text, connection)
        if connection.vendor == "postgresql":
            found, parameters = f"{stored} @@ to_tsquery('simple', %s)", [*params]
            if stored == text:
                return found, [*parameters, self._tsquery(words, "<->")]
            return self._found_quickly(found, text, parameters, words)
        needle = f" {' '.join(words)}{'' if self.prefix else ' '}"
        found = f"instr({stored}, %s) > 0"
        if stored == text:
            return found, [*params, needle]
        # Most texts are ASCII, and then SQLite finds those without the word in a tenth of the time
        # that a function in Python takes.
        some = f"%{max(words, key=len)}%"
        likely = f"({text} LIKE %s OR {text} GLOB '*[^ -~]*')"
        return f"({likely} AND {found})", [*params, some, *params, *params, needle]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        sql, params = self.as_sql(compiler, connection)
        if hasattr(compiler.query, ROW_BY_ROW):
            # No index answers this, so the few rows of one lead are read, not all that have it.
            return f"({sql}) IS TRUE", params
        return sql, params

    def stored(self, text: str, connection: BaseDatabaseWrapper) -> str:
        """Return the SQL for the words of a text."""
        if connection.vendor == "postgresql":
            return WordVector.template % {"expressions": text}
        return f"search_words({text})"

    def _found_quickly(
        self, found: str, text: str, params: list[Any], words: list[str]
    ) -> tuple[str, list[Any]]:
        """Return the SQL for PostgreSQL and a text of which an index has the words.

        Without the index, it takes 9 µs to find the words of a text. To see that an ASCII text
        hasn't got them takes a tenth of that, so it's tested first. The index has no positions:
        for `a <-> b`, all words of each text that has both would be found again. What's added has
        "or it's no ASCII", which PostgreSQL expects of all texts, so it guesses as many rows.
        """
        lower, other = f'lower({text} COLLATE "C")', f"octet_length({text}) <> length({text})"
        query = [*params, self._tsquery(words, "&")]
        if len(words) == 1:
            some = [*params, f"%{words[0]}%", *params, *params]
            return f"(({lower} LIKE %s OR {other}) AND {found})", [*some, *query]
        end = "" if self.prefix else "([^0-9a-z]|$)"
        phrase = f"(^|[^0-9a-z]){'[^0-9a-z]+'.join(words)}{end}"
        in_ascii = f"octet_length({text}) = length({text}) AND {lower} ~ %s"
        in_other = f"{other} AND strpos(search_words({text}) || ' ', %s) <> 0"
        needle = f" x{' x'.join(words)}{'' if self.prefix else ' '}"
        return (
            f"(({in_ascii} OR {in_other}) AND {found})",
            [*params * 3, phrase, *params * 3, needle, *query],
        )

    def _tsquery(self, words: list[str], operator: str) -> str:
        """Add the letter x that `search_words` puts before each word.

        A single word also stands for itself, because PostgreSQL estimates prefixes only if it knows
        100 words of the column. It finds no more rows.
        """
        query = f" {operator} ".join(f"x{word}" for word in words)
        if not self.prefix:
            return query
        return f"{query}:*" if len(words) > 1 else f"{query} | {query}:*"


@CharField.register_lookup
@TextField.register_lookup
class PhraseLookup(WordsLookup):
    lookup_name = "phrase"
    prefix = False


@WordsField.register_lookup
class StoredWordsLookup(WordsLookup):
    """Compare a `WordsField`, which has the words already."""

    def stored(self, text: str, _connection: BaseDatabaseWrapper) -> str:
        return text


@WordsField.register_lookup
class StoredPhraseLookup(StoredWordsLookup):
    lookup_name = "phrase"
    prefix = False
