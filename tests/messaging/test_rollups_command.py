"""`manage.py rollups` finds wrong values of leads, and corrects them with --repair."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leads.models import Lead
from messaging.management.consistency import rollups
from smscenter.accounts.models import User
from tests import factories
from tests.messaging.test_rollups import assert_correct_rollups, at


def test_correct_rollups_are_reported(lead: Lead, capsys: pytest.CaptureFixture[str]) -> None:
    factories.message(lead)
    call_command("rollups")
    assert capsys.readouterr().out == "0 wrong values.\n"


def test_wrong_values_are_reported_and_not_changed(
    lead: Lead, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.message(lead)
    Lead.objects.update(failed_sms_count=7, latest_sms_status="error")
    with pytest.raises(CommandError, match="2 wrong values") as raised:
        call_command("rollups")
    assert raised.value.returncode == 1
    out = capsys.readouterr().out
    assert f"lead {lead.pk}: failed_sms_count is 7, should be 0" in out
    assert f"lead {lead.pk}: latest_sms_status is error, should be sent" in out
    lead.refresh_from_db()
    assert lead.failed_sms_count == 7


def test_every_column_is_repaired(lead: Lead, capsys: pytest.CaptureFixture[str]) -> None:
    factories.message(lead)
    factories.message(lead, status="error", reason="spam")
    factories.message(lead, direction="incoming", status="inbox")
    lead.notes.create(organization=lead.organization, text="Call back")
    Lead.objects.update(
        sms_count=0,
        sent_sms_count=9,
        received_sms_count=9,
        failed_sms_count=9,
        latest_sms_status="",
        latest_sms_at=None,
        latest_sms_id=None,
        first_sms_at=None,
        last_sms_at=None,
        last_note_at=None,
    )
    call_command("rollups", "--repair")
    assert "10 wrong values, all corrected." in capsys.readouterr().out
    assert_correct_rollups()
    call_command("rollups")


@pytest.mark.parametrize(
    "wrong",
    [
        {"latest_sms_id": None},
        {"latest_sms_id": 0},
        {"latest_sms_status": "error"},
        {"latest_sms_at": at(1)},
        {"first_sms_at": None},
        {"last_sms_at": None},
        {"last_note_at": at(1)},
    ],
)
def test_a_single_wrong_value_is_found(lead: Lead, wrong: dict[str, Any]) -> None:
    factories.message(lead, created=at(0))
    Lead.objects.update(**wrong)
    [drift] = rollups.check(Lead.objects.all(), repair=True)
    assert [drift.column] == [*wrong]
    assert not list(rollups.check(Lead.objects.all()))


def test_the_report_is_limited(rep: User, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(60):
        factories.lead(rep, f"Lead {number}")
    Lead.objects.update(sms_count=1)
    with pytest.raises(CommandError, match="60 wrong values"):
        call_command("rollups")
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 51
    assert out[-1] == "… and 10 more"


def test_one_organization_can_be_repaired(
    lead: Lead, stranger: User, capsys: pytest.CaptureFixture[str]
) -> None:
    other_lead = factories.lead(stranger, "Theirs")
    Lead.objects.update(sms_count=1)
    call_command("rollups", "--repair", "--organization", "acme")
    assert "1 wrong values, all corrected." in capsys.readouterr().out
    other_lead.refresh_from_db()
    assert other_lead.sms_count == 1


def test_an_unknown_organization_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="No organization 'nobody'"):
        call_command("rollups", "--organization", "nobody")


def test_leads_are_checked_in_batches(rep: User) -> None:
    for number in range(7):
        factories.lead(rep, f"Lead {number}")
    Lead.objects.update(sms_count=1)
    drifts = list(rollups.check(Lead.objects.all(), size=3))
    assert [drift.lead for drift in drifts] == list(
        Lead.objects.order_by("pk").values_list("pk", flat=True)
    )
