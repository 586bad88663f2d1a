"""Downloads opened in a real LibreOffice: no cell is a formula, and no number loses a digit.

`make office` runs these; `make test` doesn't, because LibreOffice is large.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Lead
from messaging.models import Attempt
from smscenter.accounts.models import User
from smscenter.support.models.states import State
from smscenter.support.requests.moves import move
from tests import factories
from tests.office import soffice
from tests.search.answering.test_csv_export import FORMULAS
from tests.support.conftest import DETAILS

pytestmark = [pytest.mark.office, pytest.mark.django_db]

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# Comma, quote, UTF-8, from line 1, columns of any type, no language; then whether quoted fields are
# text, whether special numbers are detected, five export options, and whether formulas run.
GUESSED = "CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"
AS_TEXT = "CSV:44,34,76,1,,0,true,false,false,false,false,-1,true"


class Cell(NamedTuple):
    kind: str | None
    value: str
    formula: str | None


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[bytes, str], list[dict[str, Cell]]]:
    """Return a function that opens a CSV file with import options and returns rows by heading."""
    program = soffice.find()
    if program is None:
        pytest.fail(soffice.INSTRUCTION)

    def open_csv(content: bytes, options: str) -> list[dict[str, Cell]]:
        (tmp_path / "download.csv").write_bytes(content)
        command = [
            program, "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            f"--infilter={options}", "--convert-to", "fods", "--outdir", str(tmp_path),
            str(tmp_path / "download.csv"),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return table(tmp_path / "download.fods")

    return open_csv


def table(path: Path) -> list[dict[str, Cell]]:
    rows = [list(map(cell, row.iter(f"{TABLE}table-cell"))) for row in
            ElementTree.parse(path).iter(f"{TABLE}table-row")]  # fmt: skip
    headings = [each.value for each in rows[0]]
    return [dict(zip(headings, row, strict=False)) for row in rows[1:]]


def cell(element: ElementTree.Element) -> Cell:
    lines = ["".join(line.itertext()) for line in element.findall(f"{TEXT}p")]
    value = element.get(f"{OFFICE}value") or "\n".join(lines)
    return Cell(element.get(f"{OFFICE}value-type"), value, element.get(f"{TABLE}formula"))


def formulas(rows: list[dict[str, Cell]]) -> list[str]:
    return [each.formula for row in rows for each in row.values() if each.formula]


@pytest.fixture
def texts(as_rep: Client, lead: Lead) -> bytes:
    """Return a download of texts, one for each formula prefix."""
    for text in FORMULAS:
        factories.message(lead, text=text)
    return b"".join(as_rep.get("/messages/export/"))


@pytest.fixture
def packet(client: Client, supporter: User, rep: User, lead: Lead) -> bytes:
    """Return the carrier packet of a request for blocked texts."""
    sender = factories.sender(lead.organization)
    support_request = factories.support_request(rep, sender=sender, **DETAILS)
    messages = [
        factories.message(lead, text=text, status="error", reason="spam", sender=sender)
        for text in FORMULAS
    ]
    for message in messages:
        Attempt.objects.create(
            organization=lead.organization, message=message, carrier="sandbox", state="failed",
            code="30007", carrier_words="=1+1",
        )  # fmt: skip
    support_request.attach(messages)
    move(support_request, State.SUBMITTED, rep)
    client.force_login(supporter)
    return bytes(client.get(reverse("review_packet", args=[support_request.pk, "csv"])).content)


def test_libreoffice_runs_an_unescaped_formula(
    opened: Callable[[bytes, str], list[dict[str, Cell]]],
) -> None:
    """Without this, the tests below couldn't fail."""
    rows = opened(b'"text"\r\n"=1+1"\r\n', GUESSED)
    assert formulas(rows) == ["of:=1+1"]


@pytest.mark.parametrize("options", [GUESSED, AS_TEXT], ids=["guessed", "as text"])
def test_texts_are_never_formulas(
    opened: Callable[[bytes, str], list[dict[str, Cell]]], texts: bytes, options: str
) -> None:
    rows = opened(texts, options)

    assert len(rows) == len(FORMULAS)
    assert formulas(rows) == []
    assert {row["text"].value[0] for row in rows} == {"'"}
    assert {row["text"].kind for row in rows} == {"string"}


@pytest.mark.parametrize(
    ("options", "kind", "number"),
    [(GUESSED, "float", "14155550123"), (AS_TEXT, "string", "+14155550123")],
    ids=["guessed", "as text"],
)
def test_phone_numbers_keep_their_digits_and_as_text_the_plus(
    opened: Callable[[bytes, str], list[dict[str, Cell]]],
    texts: bytes,
    options: str,
    kind: str,
    number: str,
) -> None:
    rows = opened(texts, options)

    assert {row["recipient"] for row in rows} == {Cell(kind, number, None)}


@pytest.mark.parametrize("options", [GUESSED, AS_TEXT], ids=["guessed", "as text"])
def test_the_packet_for_the_carrier_has_no_formulas(
    opened: Callable[[bytes, str], list[dict[str, Cell]]], packet: bytes, options: str
) -> None:
    rows = opened(packet, options)

    assert len(rows) == len(FORMULAS)
    assert formulas(rows) == []
    assert {row["to"].value.lstrip("+") for row in rows} == {"14155550123"}
    assert {row["from"].value.lstrip("+") for row in rows} == {"12125550100"}
    assert {row["words"].value for row in rows} == {"'=1+1"}
