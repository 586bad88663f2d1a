"""The prices that ship: `prices.csv` in the folders of carriers that publish them."""

import csv
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent


def rows() -> Iterator[dict[str, str]]:
    """Yield the fields of a `CarrierPrice` for each row of the files."""
    for path in sorted(FOLDER.glob("*/prices.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)
