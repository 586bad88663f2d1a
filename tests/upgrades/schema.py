"""Everything that migrations make in a database, by name."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby

import psycopg

# Each query returns the name of a thing and what defines it. Columns come in their order.
POSTGRESQL = {
    "table": """
        SELECT c.relname, ARRAY(
          SELECT format('%s %s %s %s %s %s %s %s', attname, format_type(atttypid, atttypmod),
                        attcollation::regcollation, attnotnull, attidentity, attgenerated,
                        attstattarget, pg_get_expr(adbin, adrelid))
            FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
           WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum
        ) || c.reloptions
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S')
    """,
    "constraint": """
        SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "index": """
        SELECT c.relname, concat(pg_get_indexdef(indexrelid), indisvalid)
        FROM pg_index JOIN pg_class c ON c.oid = indexrelid
        WHERE c.relnamespace = 'public'::regnamespace
    """,
    "trigger": """
        SELECT tgrelid::regclass || ' ' || tgname, concat(pg_get_triggerdef(oid), tgenabled)
        FROM pg_trigger WHERE NOT tgisinternal
    """,
    "function": """
        SELECT oid::regprocedure, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
          SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    """,
    "extension": "SELECT extname, extnamespace::regnamespace FROM pg_extension",
}
ROWS = {
    "permission": """
        SELECT app_label || '.' || model || ' ' || codename, p.name
        FROM auth_permission p JOIN django_content_type t ON t.id = content_type_id
    """,
    "group": """
        SELECT g.name || ' ' || codename, '' FROM auth_group g
        JOIN auth_group_permissions m ON m.group_id = g.id
        JOIN auth_permission p ON p.id = permission_id
    """,
    "code": "SELECT carrier || ' ' || code, reason || retry FROM messaging_carriercode",
    "price": "SELECT carrier, count(*) FROM messaging_carrierprice GROUP BY 1",
    "migration": "SELECT app || '.' || name, '' FROM django_migrations",
}
# Its type, such as "BEFORE UPDATE". Triggers of one type run in the order of their creation.
TRIGGER = re.compile(r"\b(BEFORE|AFTER) (INSERT|UPDATE|DELETE)")


def read(url: str) -> dict[tuple[str, str], str]:
    """Return the definition of each thing by its kind and name."""
    scheme, path = url.split(":///", 1) if url.startswith("sqlite") else ("", url)
    if scheme:
        with closing(sqlite3.connect(path)) as connection:
            return dict(_sqlite(connection)) | _rows(connection, ROWS)
    with psycopg.connect(url) as server:
        return _rows(server, POSTGRESQL | ROWS)


def _rows(
    connection: sqlite3.Connection | psycopg.Connection, queries: dict[str, str]
) -> dict[tuple[str, str], str]:
    return {
        (kind, str(name)): str(definition)
        for kind, query in queries.items()
        for name, definition in connection.execute(query)
    }


def _sqlite(connection: sqlite3.Connection) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield tables with sorted columns: when Django alters one, it may move to the end."""
    objects = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    ).fetchall()
    for kind, name, _, sql in objects:
        is_table = kind == "table" and "VIRTUAL" not in sql
        yield (kind, name), "\n".join(sorted(_parts(sql))) if is_table else sql
    # An app that's migrated later has later triggers, and none depends on those of another app.
    # Triggers before a change only refuse it.
    triggers = [
        (f"{name.partition('_')[0]}: {table} {' '.join(TRIGGER.search(sql).groups())}", name)  # type: ignore[union-attr]
        for kind, name, table, sql in objects
        if kind == "trigger" and "BEFORE" not in sql
    ]
    # The sort is stable.
    for type_, each in groupby(sorted(triggers, key=lambda pair: pair[0]), lambda pair: pair[0]):
        yield ("order of triggers", type_), " ".join(name for _, name in each)


def _parts(sql: str) -> Iterator[str]:
    """Yield the columns and constraints of a CREATE TABLE statement."""
    depth, start = 0, sql.index("(") + 1
    quoted = False
    for position in range(start, len(sql)):
        letter = sql[position]
        if letter == "'":
            quoted = not quoted
        elif not quoted and depth == 0 and letter in ",)":
            yield sql[start:position].strip()
            start = position + 1
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(letter, 0)
