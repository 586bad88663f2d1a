"""Compare writing texts to the same writes while the triggers of texts are off.

The triggers keep what's stored with leads, the threads of the inbox, and what to count
again. PostgreSQL has to run on this machine, and nobody else may write to it: its CPU time and its
write-ahead log are measured.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import process_time

from django.db import connection
from django.utils import timezone

from benchmarks.timing import analyze
from leads.models import Contact, Lead, LeadStatus
from messaging.models import ChangedQuarter, SmsMessage, SmsMessageQuerySet, Thread
from tests import factories

LEADS, TEXTS, ONE_LEADS_TEXTS = 20_000, 10_000, 8_000
SINGLE = 200
ROUNDS = 5
# Of ten texts.
REPLIES = {1, 4, 7}
# Times the same without triggers.
MAX_SINGLE, MAX_BULK, MAX_WAL = 1.35, 1.8, 1.7


class World:
    """An organization with leads that have a contact and some texts."""

    def __init__(self) -> None:
        organization = factories.organization("writing")
        self.user = factories.user(organization, "writing")
        self.sender = factories.sender(organization)
        status = LeadStatus.objects.get(organization=organization)
        Lead.objects.bulk_create(
            Lead(organization=organization, owner=self.user, status=status, name=f"Lead {number}")
            for number in range(LEADS)
        )
        leads = Lead.objects.filter(organization=organization)
        self.leads = list(leads.order_by("pk"))
        Contact.objects.bulk_create(
            [Contact(organization=organization, lead=lead, name="Ada") for lead in self.leads],
            batch_size=2000,
        )
        rows = (self.text(number, sent="sent") for number in range(2 * LEADS))
        SmsMessage.objects.bulk_create(rows, batch_size=2000)
        self.kept = SmsMessage.objects.latest("pk").pk

    def text(self, number: int, lead: int | None = None, sent: str = "outbox") -> SmsMessage:
        """Return a text of a lead, or of the leads in turns. `sent` is its status if it's ours."""
        is_reply = number % 10 in REPLIES
        lead_row = self.leads[number * 7919 % LEADS if lead is None else lead]
        return SmsMessage(
            organization_id=lead_row.organization_id,
            lead=lead_row,
            direction="incoming" if is_reply else "outgoing",
            status="inbox" if is_reply else sent,
            user=None if is_reply else self.user,
            sender=self.sender,
            text=f"Message {number}, as long as a text in real life is, with a question?",
            remote_phone=factories.MOBILE,
            local_phone=factories.OUR_NUMBER,
            created=timezone.now() - timedelta(seconds=number % 1000),
        )

    def warm_up(self) -> None:
        """Let PostgreSQL plan what triggers do, which it does once for each connection."""
        for number in range(10):
            self.text(number).save()
        self.send_one_by_one()
        self.fail_one_by_one()
        self.delete_one_by_one()

    def insert_one_by_one(self) -> None:
        for number in range(SINGLE):
            self.text(number).save()

    def send_one_by_one(self) -> None:
        for pk in list(self._ours().values_list("pk", flat=True)):
            SmsMessage.objects.filter(pk=pk).update(status="sent")

    def fail_one_by_one(self) -> None:
        for pk in list(self._ours().values_list("pk", flat=True)):
            SmsMessage.objects.filter(pk=pk).update(status="error", reason="spam")

    def delete_one_by_one(self) -> None:
        for pk in list(self._new().values_list("pk", flat=True)):
            SmsMessage.objects.filter(pk=pk)._raw_delete("default")

    def insert_many(self) -> None:
        SmsMessage.objects.bulk_create(map(self.text, range(TEXTS)), batch_size=1000)

    def insert_for_one_lead(self) -> None:
        rows = (self.text(number, lead=0) for number in range(ONE_LEADS_TEXTS))
        SmsMessage.objects.bulk_create(rows, batch_size=ONE_LEADS_TEXTS)

    def update_many(self) -> None:
        self._ours().update(status="error", reason="spam")

    def delete_many(self) -> None:
        self._new()._raw_delete("default")

    def _ours(self) -> SmsMessageQuerySet:
        return self._new().filter(direction="outgoing")

    def _new(self) -> SmsMessageQuerySet:
        return SmsMessage.objects.filter(pk__gt=self.kept).order_by("pk")


@contextmanager
def no_triggers() -> Iterator[None]:
    """Turn the triggers of texts off, but not the checks of foreign keys and organizations."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE messaging_smsmessage DISABLE TRIGGER USER")
            yield
            cursor.execute("ALTER TABLE messaging_smsmessage ENABLE TRIGGER USER")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            " AND tbl_name = 'messaging_smsmessage' AND name NOT LIKE 'messaging_smsmessage%'"
        )
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, sql in triggers:
            cursor.execute(sql)


def log_position() -> int:
    """Return how many bytes PostgreSQL has written to its write-ahead log. SQLite: 0."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def cpu_seconds() -> float:
    """Return the CPU time of this process, and of PostgreSQL's for this connection.

    Unlike the time that passes, it's the same on a busy machine.
    """
    seconds = process_time()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        # https://docs.kernel.org/scheduler/sched-stats.html
        seconds += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    return seconds


def vacuum() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in (SmsMessage, Lead, Thread, ChangedQuarter):
                cursor.execute(f"VACUUM {model._meta.db_table}")


@dataclass(frozen=True)
class Step:
    """Writes that are measured together. `rows` are those that they write.

    `most` is the limit, if there is one: without triggers, PostgreSQL only marks rows as deleted.
    """

    name: str
    write: Callable[[], None]
    rows: int
    most: float | None = None


def steps_of(world: World) -> list[Step]:
    """Return what is measured, in an order that leaves no new text."""
    ours = 1 - len(REPLIES) / 10
    return [
        Step("insert one text", world.insert_one_by_one, SINGLE, MAX_SINGLE),
        Step("one is sent", world.send_one_by_one, int(SINGLE * ours), MAX_SINGLE),
        Step("one fails", world.fail_one_by_one, int(SINGLE * ours), MAX_SINGLE),
        Step("delete one text", world.delete_one_by_one, SINGLE),
        Step(f"insert {TEXTS:,} texts", world.insert_many, TEXTS, MAX_BULK),
        Step("all of ours fail", world.update_many, int(TEXTS * ours)),
        Step("delete them", world.delete_many, TEXTS),
        Step(
            f"insert {ONE_LEADS_TEXTS:,} texts of one lead",
            world.insert_for_one_lead,
            ONE_LEADS_TEXTS,
            MAX_BULK,
        ),
        Step("all of ours fail", world.update_many, int(ONE_LEADS_TEXTS * ours), MAX_BULK),
        Step("delete them", world.delete_many, ONE_LEADS_TEXTS),
    ]


def measure(world: World, steps: Sequence[Step]) -> list[tuple[float, float]]:
    """Return the microseconds of CPU and the bytes of the log that each step takes for a row."""
    costs = []
    vacuum()
    world.warm_up()
    for step in steps:
        log, start = log_position(), cpu_seconds()
        step.write()
        seconds = cpu_seconds() - start
        costs.append((seconds * 1_000_000 / step.rows, (log_position() - log) / step.rows))
    return costs


def run() -> bool:
    """Return whether all limits are met."""
    world = World()
    analyze()
    steps = steps_of(world)
    with_triggers, without = [], []
    for number in range(ROUNDS + 1):
        costs = measure(world, steps)
        with no_triggers():
            base = measure(world, steps)
        if number:  # the first round is a warm-up
            with_triggers.append(costs)
            without.append(base)
    print(f"  {'CPU, for each row':<34} {'µs':>7} {'off':>7} ratio   {'log':>6} {'off':>6} ratio")
    results = [
        report(step, *map(median_costs, pair))
        for step, *pair in zip(
            steps, zip(*with_triggers, strict=True), zip(*without, strict=True), strict=True
        )
    ]
    return all(results) or connection.vendor != "postgresql"


def median_costs(costs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    times, bytes_ = zip(*costs, strict=True)
    return median(times), median(bytes_)


def report(step: Step, costs: tuple[float, float], base: tuple[float, float]) -> bool:
    """Print a step's costs, and return whether they're within the limits."""
    (time, log), (base_time, base_log) = costs, base
    ratio, log_ratio = time / base_time, log / base_log if base_log else 0.0
    limits = f"   at most {step.most}, {MAX_WAL}" if step.most else ""
    print(
        f"  {step.name:<34} {time:7.0f} {base_time:7.0f} {ratio:5.2f}"
        f"   {log:6.0f} {base_log:6.0f} {log_ratio:5.2f}{limits}"
    )
    return step.most is None or (ratio <= step.most and log_ratio <= MAX_WAL)
