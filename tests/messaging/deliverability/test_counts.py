"""The counts equal plain SQL on random texts, whatever happened to them, with every filter."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.changing import deleting
from leads.models import Lead
from messaging.deliverability import recounting
from messaging.deliverability.counting import Counts, Filters
from messaging.deliverability.periods import Period
from messaging.deliverability.tallies import By, Key, Tally, start_of
from messaging.models import ChangedQuarter, MessageTemplate, SmsMessage, TextCount
from smscenter.accounts.models import Organization, User
from tests import factories

# Around the ends of daylight-saving time in 2025 and 2026, and a whole month between them.
FIRST = datetime(2025, 10, 20, tzinfo=UTC)
DAYS = 40
ZONES = ["America/New_York", "America/St_Johns"]  # the second is half an hour off
REASONS = ["spam", "opted_out", "not_sms_capable"]


@pytest.fixture
def world(rep: User, colleague: User, lead: Lead) -> dict[str, list[Any]]:
    organization = rep.organization
    assert organization is not None
    first = factories.sender(organization)
    second = factories.sender(organization, phone="+12125550101", carrier="twilio")
    template = MessageTemplate.objects.create(organization=organization, name="Hello", text="Hi")
    return {
        "sender": [None, first, second],
        "user": [None, rep, colleague],
        "template": [None, template],
        "lead": [lead, factories.lead(rep, "Ocean Books")],
    }


def texts() -> st.SearchStrategy[dict[str, Any]]:
    """Return texts with a choice for each column, as an index into `world`."""
    status = st.sampled_from(["sent", "sent", "error", "inbox", "outbox"])
    return st.fixed_dictionaries(
        {
            "minute": st.integers(0, DAYS * 24 * 60),
            "status": status,
            "sender": st.integers(0, 2),
            "user": st.integers(0, 2),
            "template": st.integers(0, 1),
            "lead": st.integers(0, 1),
            "reason": st.sampled_from(REASONS),
            "segments": st.integers(1, 4),
            "encoding": st.sampled_from(["GSM-7", "UCS-2"]),
            "text": st.sampled_from(["Hi", "x" * 161]),
            "handled": st.one_of(st.none(), st.integers(1, 9000)),
        }
    )


def create(world: dict[str, list[Any]], given: dict[str, Any]) -> SmsMessage:
    row = dict(given)
    created = FIRST + timedelta(minutes=row.pop("minute"))
    for name, rows in world.items():
        row[name] = rows[row[name]]
    failed, received = row["status"] == "error", row["status"] == "inbox"
    seconds = row.pop("handled")
    row["handled"] = created + timedelta(seconds=seconds) if failed and seconds else None
    row["reason"] = row["reason"] if failed else ""
    if received:
        row |= {"direction": "incoming", "user": None, "template": None}
    return factories.message(row.pop("lead"), created=created, **row)


# What can happen to the texts, between one count and the next.
ACTIONS: dict[str, Callable[[Lead], object]] = {
    "nothing": lambda _: None,
    "fail": lambda _: SmsMessage.objects.filter(status="sent").update(
        status="error", reason="spam"
    ),
    "resend": lambda _: SmsMessage.objects.filter(status="error").update(
        status="sent", reason="", handled=None
    ),
    "move": lambda _: SmsMessage.objects.filter(encoding="GSM-7").update(
        created=FIRST + timedelta(days=3)
    ),
    "delete": lambda _: SmsMessage.objects.filter(segments=2).delete(),
    "delete lead": lambda lead: lead.owner and deleting.delete(lead, lead.owner),
}


def plain_sql(period: Period, zone: str, where: dict[str, Any]) -> dict[tuple[str, str], Tally]:
    """Count the same in SQL, text by text, without what the page uses."""
    begin = start_of(period.first, ZoneInfo(zone))
    end = start_of(period.last + timedelta(days=1), ZoneInfo(zone))
    terms = [f"{name} = %s" for name in where]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.status, m.reason, m.template_id, m.encoding, m.segments, m.created,"
            " m.handled, length(m.text) FROM messaging_smsmessage m"
            " LEFT JOIN messaging_sendernumber s ON s.id = m.sender_id"
            " WHERE m.created >= %s AND m.created < %s AND m.status IN ('sent', 'error', 'inbox')"
            " AND m.lead_id NOT IN (SELECT lead_id FROM leads_deletedlead)"
            + "".join(f" AND {term}" for term in terms),
            [begin, end, *where.values()],
        )
        rows = cursor.fetchall()
    sums: dict[tuple[str, str], Tally] = {}
    for status, reason, template, encoding, segments, created, handled, length in rows:
        at, done = (_aware(moment) for moment in (created, handled))
        assert at is not None
        plain = segments if encoding == "GSM-7" else 1 if length <= 160 else -(-length // 153)
        tally = Tally(
            sent=status == "sent",
            failed=status == "error",
            received=status == "inbox",
            sent_segments=segments if status == "sent" else 0,
            failed_segments=segments if status == "error" else 0,
            extra_segments=segments - plain if status != "inbox" else 0,
            handled=status == "error" and done is not None,
            handled_seconds=int((done - at).total_seconds()) if done and status == "error" else 0,
        )
        keys = [("all", "")]
        if status != "inbox":
            hour = at.astimezone(ZoneInfo(zone)).hour
            keys += [("hour", str(hour)), ("template", str(template or "")), ("encoding", encoding)]
        if status == "error":
            keys.append(("reason", reason))
        for key in keys:
            sums.setdefault(key, Tally()).add(tally)
    return sums


def _aware(moment: Any) -> datetime | None:
    """Return a moment as SQLite or PostgreSQL returns it."""
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return read and (read if read.tzinfo else read.replace(tzinfo=UTC))


def counted(organization: Organization, period: Period, filters: Filters) -> dict[Any, Tally]:
    """Return what the page shows, without telling senders and users apart."""
    sums: dict[tuple[str, str], Tally] = {}
    for key, tally in Counts(organization, filters).tallies(period).items():
        sums.setdefault(key[:2], Tally()).add(tally)
    return sums


@settings(
    max_examples=settings.default.max_examples // 10,  # type: ignore[union-attr]
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # `make fuzz` tries many more
@given(
    rows=st.lists(texts(), max_size=14),
    later=st.lists(texts(), max_size=4),
    zone=st.sampled_from(ZONES),
    action=st.sampled_from(sorted(ACTIONS)),
    recounted=st.booleans(),
    first=st.integers(0, DAYS),
    days=st.integers(1, DAYS),
)
def test_counts_equal_plain_sql(
    world: dict[str, list[Any]],
    organization: Organization,
    rows: list[dict[str, Any]],
    later: list[dict[str, Any]],
    zone: str,
    action: str,
    recounted: bool,
    first: int,
    days: int,
) -> None:
    with transaction.atomic():
        organization.time_zone = zone
        organization.save()
        recounting.recount_changed()
        for row in rows:
            create(world, row)
        recounting.recount(organization)
        for row in later[:2]:
            create(world, row)
        ACTIONS[action](world["lead"][0])
        if recounted or len(recounting.changed_days(organization)) > 3:
            recounting.recount(organization)
        check(world, organization, FIRST.date() + timedelta(days=first), days)
        transaction.set_rollback(True)


def check(world: dict[str, list[Any]], organization: Organization, first: date, days: int) -> None:
    """Compare all filters, and all periods that they can have."""
    period = Period(first, first + timedelta(days=days))
    for sender in world["sender"]:
        for user in world["user"]:
            for carrier in ("", "twilio"):
                where = {}
                if sender:
                    where["m.sender_id"] = sender.pk
                if user:
                    where["m.user_id"] = user.pk
                if carrier:
                    where["s.carrier"] = carrier
                filters = Filters(sender, carrier, user)
                expected = plain_sql(period, organization.time_zone, where)
                assert counted(organization, period, filters) == expected
    parts = Counts(organization).by_bucket(period)
    whole = plain_sql(period, organization.time_zone, {}).get(("all", ""), Tally())
    assert sum(tally.outgoing for _, tally in parts) == whole.outgoing
    assert list(recounting.check(organization)) == []


def test_the_command_finds_and_repairs_wrong_counts(
    lead: Lead, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.message(lead, created=FIRST)
    recounting.recount(lead.organization)
    TextCount.objects.filter(span="month").update(sent=7)
    TextCount.objects.filter(span="day", by=By.HOUR).delete()
    with pytest.raises(CommandError, match="2 wrong values"):
        call_command("rollups")
    assert f"{lead.organization.slug}: counts of the day 2025-10-19" in capsys.readouterr().out
    call_command("rollups", repair=True)
    call_command("rollups", organization=lead.organization.slug)
    assert capsys.readouterr().out.endswith("0 wrong values.\n")


def test_a_new_time_zone_counts_every_day_again(lead: Lead) -> None:
    late = datetime(2026, 3, 8, 3, 30, tzinfo=UTC)  # March 7 in New York, March 8 in London
    factories.message(lead, created=late)
    recounting.recount_changed()
    lead.organization.time_zone = "Europe/London"
    lead.organization.save()
    recounting.recount_changed()
    march_8 = Period(date(2026, 3, 8), date(2026, 3, 8))
    assert Counts(lead.organization).tallies(march_8)[Key(By.ALL, "", None, None)].sent == 1
    assert not recounting.changed_days(lead.organization)


def test_a_run_starts_no_other_organization_after_its_time(
    lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emails wait for the run, and so does a worker that's stopped."""
    monkeypatch.setattr(recounting, "MOST_SECONDS", 0)
    other = factories.lead(factories.user(factories.organization("other"), "olga"))
    for each in (lead, other):
        factories.message(each, created=FIRST)
    counted = TextCount.objects.values_list("organization").distinct()
    numbers = []
    for _ in range(4):  # two notice that nothing was counted
        recounting.recount_changed()
        numbers.append(counted.count())
    assert numbers == [0, 0, 1, 2]


def test_today_is_counted_by_pages_until_it_is_over(lead: Lead) -> None:
    for _ in range(3):
        factories.message(lead)
    recounting.recount_changed()
    recounting.recount_changed()
    assert not TextCount.objects.exists()
    assert ChangedQuarter.objects.count() <= 2  # one for each quarter of an hour
    zone = lead.organization.zone
    today = timezone.localdate(timezone=zone)
    week = Period(today - timedelta(days=6), today)
    assert Counts(lead.organization).tallies(week)[Key(By.ALL, "", None, None)].sent == 3
