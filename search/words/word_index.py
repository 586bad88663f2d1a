"""Indexes of words on SQLite.

Without one, SQLite compares the text of each row. A virtual table of FTS5 has the words of texts
by the ID of their row. A migration creates it, and triggers keep it (see
`word_index_sqlite.sql` of leads). It has the words that `search_words` returns: "See you" in
organization 17 as 17xsee and 17xyou, so that no search reads the words of other organizations.
Words are only letters and digits, so the tokenizer `ascii` neither splits nor changes them, and the
index finds exactly what the lookups of words do.

See https://www.sqlite.org/fts5.html.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connection, connections, transaction
from django.db.models.expressions import RawSQL

from search.words.context import SearchContext
from search.words.text_lookups import LONGEST_WORD, words_of
from smscenter.database.replica import reading

# So many rows are looked up by ID.
FEW = 10_000
# FTS5 looks up each word of a phrase, before it knows that another one is missing.
MOST_WORDS = 50


@dataclass(frozen=True)
class WordIndex:
    """The table of FTS5 with this name. It's filled from `words` of another table, `source`."""

    table: str
    source: str
    words: str

    def serves(self, value: str, context: SearchContext) -> bool:
        """Return whether the index can find these words."""
        words = words_of(value)
        return (
            context.organization_id > 0
            and 0 < len(words) <= MOST_WORDS
            and max(map(len, words)) <= LONGEST_WORD
        )

    def rows(self, lookup: str, value: str, context: SearchContext) -> RawSQL:
        """Return the IDs of the organization's rows with these words, or with this phrase."""
        return RawSQL(self._select("rowid"), [_match(lookup, value, context)])  # noqa: S611

    def finds_few(self, lookup: str, value: str, context: SearchContext) -> bool:
        """Return whether few rows have these words, so that the database should begin with them."""
        if not self.serves(value, context):
            return False
        match = _match(lookup, value, context)

        def count() -> int:
            sql = f"SELECT count(*) FROM ({self._select('1')} LIMIT {FEW + 1})"  # noqa: S608
            with reading.connection().cursor() as cursor:
                cursor.execute(sql, [match])
                return int(cursor.fetchone()[0])

        return context.once((self.table, match), count) <= FEW

    def wrong(self, organization: int) -> list[int]:
        """Return the IDs of the organization's rows whose words aren't those in the index."""
        vocabulary = f"temp.{self.table}_instances"
        left: dict[int, int] = defaultdict(int)
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS {vocabulary}"
                f" USING fts5vocab(main, {self.table}, instance)"
            )
            cursor.execute(
                f"SELECT doc, term, offset FROM {vocabulary} WHERE term >= %s AND term < %s",  # noqa: S608
                [f"{organization}x", f"{organization}y"],
            )
            for pk, word, place in cursor:
                left[pk] += hash((word, place))
            cursor.execute(
                f"SELECT id, {self.words} FROM {self.source} WHERE organization_id = %s",  # noqa: S608
                [organization],
            )
            for pk, words in cursor:
                for place, word in enumerate(words.split()):
                    left[pk] -= hash((f"{organization}x{word}", place))
        return sorted(pk for pk, rest in left.items() if rest)

    def fill(self) -> None:
        """Index all rows, after what the index had is removed."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {self.table} ({self.table}) VALUES ('delete-all')")  # noqa: S608
            cursor.execute(
                f"INSERT INTO {self.table} (rowid, words)"  # noqa: S608
                f" SELECT id, replace(rtrim({self.words}), ' ', ' ' || organization_id || 'x')"
                f" FROM {self.source}"
            )
        self.purge()

    def purge(self) -> None:
        """Remove deleted words from the file: FTS5 marks them, until it merges its parts anyway."""
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {self.table} ({self.table}) VALUES ('optimize')")  # noqa: S608

    def _select(self, column: str) -> str:
        return f"SELECT {column} FROM {self.table} WHERE {self.table} MATCH %s"  # noqa: S608


def _match(lookup: str, value: str, context: SearchContext) -> str:
    """Return the query of FTS5. A star after a phrase makes its last word a prefix."""
    words = " ".join(f"{context.organization_id}x{word}" for word in words_of(value))
    return f'"{words}"' if lookup == "phrase" else f'"{words}" *'


def check_fts5(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Report an SQLite that was compiled without FTS5, before a migration needs it."""
    return [
        Error(
            "This Python's SQLite was compiled without FTS5, which searches for words need.",
            hint="Install Python from your system or python.org, or use PostgreSQL.",
            id="search.E001",
        )
        for alias in databases or ()
        if connections[alias].vendor == "sqlite" and not _has_fts5(alias)
    ]


def _has_fts5(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")
        return cursor.fetchone() is not None
