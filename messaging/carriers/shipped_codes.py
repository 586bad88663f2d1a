"""The codes that ship: one `codes.csv` in each carrier's folder."""

import csv
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


class Rule(StrEnum):
    """What else a carrier documents about a code."""

    NONE = ""
    # About an incoming text, a webhook, or a missing receipt: the text hasn't failed.
    NOT_A_FAILURE = "not_a_failure"


@cache
def rows() -> list[dict[str, str]]:
    """Return the rows of all files: one for each code.

    Their columns are explained in docs/add-a-carrier.md.
    """
    return [row for path in sorted(FOLDER.glob("*/codes.csv")) for row in _read(path)]


def classified() -> Iterator[dict[str, str]]:
    """Yield the fields of a `CarrierCode` for each code with a reason.

    A code that is never a failure needs none.
    """
    for row in rows():
        if row["reason"]:
            yield {name: value for name, value in row.items() if name != "rule"}


def rule(code_map: str, code: str) -> Rule:
    """Return the rule of a code, `Rule.NONE` for most."""
    return _rules().get((code_map, code), Rule.NONE)


@cache
def _rules() -> dict[tuple[str, str], Rule]:
    return {(row["carrier"], row["code"]): Rule(row["rule"]) for row in rows() if row["rule"]}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
