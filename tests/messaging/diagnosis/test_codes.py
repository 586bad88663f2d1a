"""The code map ships with its sources, and staff can correct it."""

import csv
from collections import Counter
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from messaging.carriers import shipped_codes
from messaging.carriers.shipped_codes import Rule
from messaging.diagnosis import code_map
from messaging.models import CarrierCode
from messaging.models.reason import Reason, Retry
from smscenter.accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db

ROWS = {
    "aws_sns": 13,
    "bandwidth": 76,
    "plivo": 17,
    "sinch_10dlc": 11,
    "smpp": 17,
    "telnyx": 65,
    "twilio": 99,
    "twilio_smpp": 12,
}


@pytest.fixture
def shipped() -> list[dict[str, str]]:
    return list(shipped_codes.classified())


def test_every_shipped_row_loads(shipped: list[dict[str, str]]) -> None:
    CarrierCode.objects.all().delete()
    assert code_map.load_shipped() == len(shipped)
    assert CarrierCode.objects.filter(known=True, version=1).count() == len(shipped)


def test_no_shipped_row_is_lost(shipped: list[dict[str, str]]) -> None:
    """There are 310 rows in total, minus those of deleted carriers."""
    for carrier, number in Counter(row["carrier"] for row in shipped).items():
        assert number == ROWS.get(carrier, number), carrier


def test_every_shipped_row_is_complete(shipped: list[dict[str, str]]) -> None:
    assert {row["reason"] for row in shipped} <= set(Reason.values)
    assert {row["retry"] for row in shipped} <= set(Retry.values)
    assert all(row["carrier"] and row["code"] and row["source"] for row in shipped)
    assert len({(row["carrier"], row["code"]) for row in shipped}) == len(shipped)
    for row in shipped:
        code = CarrierCode(**row)
        code.clean_fields()
        code.clean()
        assert code.title


def test_a_carriers_codes_are_in_one_file() -> None:
    for path in shipped_codes.FOLDER.glob("*/codes.csv"):
        with path.open(newline="") as file:
            (carrier,) = {row["carrier"] for row in csv.DictReader(file)}
        assert carrier in {path.parent.name, path.parent.name.removesuffix("_protocol")}


def test_a_row_without_a_reason_says_why_it_needs_none() -> None:
    for row in shipped_codes.rows():
        is_complete = row["reason"] and row["retry"]
        assert is_complete or row["rule"] == Rule.NOT_A_FAILURE, row
        assert Rule(row["rule"]) == shipped_codes.rule(row["carrier"], row["code"])


def test_a_code_without_a_row_has_no_rule() -> None:
    assert shipped_codes.rule("twilio", "99999") == Rule.NONE


@pytest.mark.parametrize(
    ("carrier", "code", "reason"),
    [
        ("twilio", "21610", Reason.OPTED_OUT),
        ("twilio", "30003", Reason.UNREACHABLE),
        ("twilio", "30006", Reason.NOT_SMS_CAPABLE),
        ("twilio", "30007", Reason.SPAM),
        ("twilio", "30008", Reason.UNKNOWN),
        ("telnyx", "40300", Reason.OPTED_OUT),
        ("bandwidth", "4775", Reason.OPTED_OUT),
    ],
)
def test_the_most_important_codes_have_their_reasons(
    carrier: str, code: str, reason: Reason
) -> None:
    assert code_map.read(carrier, code).reason == reason


@pytest.mark.parametrize("mark", [{"changed_by": True}, {"version": 2}])
def test_changes_by_staff_survive_a_reload(mark: dict[str, Any]) -> None:
    if "changed_by" in mark:
        mark = {"changed_by": factories.user(None, "root", is_staff=True)}
    row = CarrierCode.objects.filter(carrier="twilio", code="30007")
    row.update(reason=Reason.FRAUD_BLOCK, **mark)
    code_map.load_shipped()
    assert row.get().reason == Reason.FRAUD_BLOCK


def test_unchanged_rows_follow_the_file() -> None:
    row = CarrierCode.objects.filter(carrier="twilio", code="30007")
    row.update(reason=Reason.FRAUD_BLOCK, known=False)
    code_map.load_shipped()
    assert (row.get().reason, row.get().known) == (Reason.SPAM, True)


def test_a_database_from_before_the_code_map_is_left_alone() -> None:
    assert code_map.load_shipped(apps=Apps([])) == 0


def test_an_older_state_of_the_code_map_is_left_alone() -> None:
    landed = MigrationLoader(connection, replace_migrations=False)
    older = landed.project_state(("messaging", "0002_triggers")).apps
    assert code_map.load_shipped(apps=older) == 0


def test_a_new_code_joins_the_queue() -> None:
    row = code_map.read("twilio", "99999")
    assert (row.reason, row.retry, row.known) == (Reason.UNKNOWN, Retry.PERMANENT, False)
    assert code_map.read("twilio", "99999").pk == row.pk
    assert CarrierCode.objects.filter(known=False).count() == 1


@pytest.mark.parametrize(("code", "saved"), [("x" * 10_000, "x" * 60), (" 4\0\n2\u202e ", "42")])
def test_a_hostile_code_is_cleaned_and_shortened(code: str, saved: str) -> None:
    assert code_map.read("twilio", code).code == saved
    assert CarrierCode.objects.get(known=False).code == saved


@pytest.mark.parametrize("code", ["", " ", "\0\r\n"])
def test_text_that_cannot_be_a_code_is_not_saved(code: str) -> None:
    assert code_map.read("twilio", code).reason == Reason.UNKNOWN
    assert not CarrierCode.objects.filter(known=False).exists()


def test_a_flood_of_codes_does_not_fill_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_map, "MOST_UNREAD", 3)
    read = [code_map.read("twilio", f"flood {number}") for number in range(9)]
    assert {row.reason for row in read} == {Reason.UNKNOWN}
    assert CarrierCode.objects.filter(known=False).count() == 3
    assert code_map.read("telnyx", "flood").pk


class TestExistingRows:
    @pytest.fixture(autouse=True)
    def as_it_was(self, rep: User) -> None:
        old = {"reason": Reason.UNREACHABLE, "retry": Retry.TRANSIENT}
        CarrierCode.objects.filter(carrier="twilio", code__in=["30410", "21612"]).update(**old)
        CarrierCode.objects.filter(code="21612").update(changed_by=rep, version=2)

    def test_an_upgrade_corrects_rows_except_those_that_staff_changed(self) -> None:
        call_command("migrate", verbosity=0)
        assert CarrierCode.objects.get(code="30410").retry == Retry.PERMANENT
        assert CarrierCode.objects.get(code="21612").reason == Reason.UNREACHABLE

    def test_codes_that_staff_changed_before_there_were_clocks_keep_theirs(self) -> None:
        clocks = {
            "30001": "transient",
            "30003": "once",
            "30007": "permanent-until-fixed",
            "30027": "pacific_day",
            "30610": "morning",
            "63038": "rolling_day",
        }
        codes = CarrierCode.objects.filter(carrier="twilio", code__in=clocks)
        codes.filter(retry__in=["once", "morning", "pacific_day", "rolling_day"]).update(
            retry=Retry.TRANSIENT, version=2
        )
        migration = import_module("messaging.migrations.0007_retry_clocks")
        migration.keep_clocks(apps, None)
        assert dict(codes.values_list("code", "retry")) == clocks
