"""What rows of a file of leads do: add a lead, merge into one, or nothing."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from django.utils import timezone

from leads.imports.columns import Parsed, Problem, column_groups
from leads.imports.kinds import ImportKind, Tally
from leads.imports.lead_columns import lead_columns
from leads.imports.matching import existing, keys_of, repeated
from leads.imports.targets import TEXTS, Change, Target, by_model, lead_name, load, shown
from leads.models import CustomField, ImportRow, Lead, LeadChange, LeadImport, LeadStatus
from smscenter.accounts.models import User

Duplicates = LeadImport.Duplicates
Outcome: TypeAlias = ImportRow.Outcome


def check(parsed: Parsed) -> None:
    if not lead_name(parsed) and not parsed.is_rejected:
        message = "Has no name, phone number, or email address."
        parsed.problems.append(Problem("nothing", message, is_fatal=True))
    for group in column_groups:
        group.check(parsed)


def plan(job: LeadImport, batch: list[Parsed]) -> Tally:
    """Return what rows would do. Writes only the keys by which repeated rows are found."""
    good = [parsed for parsed in batch if not parsed.is_rejected]
    known, again = existing(job, good), repeated(job, good)
    number = sum(
        parsed.number in again or any(key in known for key in keys_of(job, parsed))
        for parsed in good
    )
    if job.duplicates == Duplicates.SKIP:
        return Tally(added=len(good) - number, skipped=number)
    return Tally(added=len(good) - number, merged=number)


class Batch:
    """The rows of a batch, while they're applied in memory, before all is written at once."""

    def __init__(self, job: LeadImport, by: User, batch: list[Parsed]) -> None:
        self.job, self.by = job, by
        self.now = timezone.now()
        self.known = existing(job, batch)
        merges = job.duplicates == Duplicates.MERGE
        ids = {self.known[key] for each in batch for key in keys_of(job, each) if key in self.known}
        self.targets = load(ids) if merges else {}
        self.found: dict[tuple[str, str], Target | int] = dict(self.known)
        self.status = job.status or _first_status(job)
        self.fields = _custom_fields(job)
        self.outcomes: list[tuple[Parsed, Target | int, Outcome, Change, str]] = []
        self.new: list[Target] = []
        self.changed: list[tuple[Target, Change]] = []

    def apply(self, parsed: Parsed) -> None:
        keys = keys_of(self.job, parsed)
        target = next((self.found[key] for key in keys if key in self.found), None)
        change = Change()
        if target is None:
            target = self._add(parsed, change)
            self.outcomes.append((parsed, target, Outcome.ADDED, change, target.content()))
        elif self.job.duplicates == Duplicates.SKIP:
            self.outcomes.append((parsed, target, Outcome.SKIPPED, change, ""))
        else:
            self._merge(parsed, target, change)
        for key in keys:
            self.found.setdefault(key, target)

    def _add(self, parsed: Parsed, change: Change) -> Target:
        lead = Lead(
            organization_id=self.job.organization_id,
            name=lead_name(parsed)[:255],
            status=parsed.values.get("status") or self.status,
            owner=parsed.values.get("owner") or self.job.owner,
            created_by=self.by,
            created=self.now,
            custom=dict(self._custom(parsed)),
            **{name: parsed.values[name] for name in TEXTS if name in parsed.values},
        )
        target = Target(lead)
        target.add_contact(change, parsed)
        target.add_address(change, parsed)
        self.new.append(target)
        return target

    def _custom(self, parsed: Parsed) -> Iterator[tuple[str, Any]]:
        for key, name in self.fields.items():
            if parsed.values.get(key) not in (None, ""):
                yield name, parsed.values[key]

    def _merge(self, parsed: Parsed, found: Target | int, change: Change) -> None:
        target = self.targets.get(found) if isinstance(found, int) else found
        if target is None:  # deleted at this moment
            target = self._add(parsed, change)
            self.outcomes.append((parsed, target, Outcome.ADDED, change, target.content()))
            return
        for name, value in self._values(parsed):
            if self.job.overwrites or target.get(name) in (None, ""):
                self._record(target, change, name, value)
                target.set(change, name, value)
        target.add_contact(change, parsed)
        target.add_address(change, parsed)
        if change.fields and target.lead.pk:
            before = target.lead.updated.isoformat()
            target.lead.updated = self.now
            change.fields["updated"] = [before, self.now.isoformat()]
        self.changed.append((target, change))
        self.outcomes.append((parsed, target, Outcome.MERGED, change, ""))

    def _values(self, parsed: Parsed) -> Iterator[tuple[str, Any]]:
        """Yield what a row says about an existing lead. Its name and status aren't empty."""
        if self.job.overwrites and parsed.values.get("name"):
            yield "name", parsed.values["name"]
        for name in TEXTS:
            if parsed.values.get(name):
                yield name, parsed.values[name]
        for name in ("status", "owner"):
            if name in parsed.values:
                yield f"{name}_id", parsed.values[name].pk
        for name, value in self._custom(parsed):
            yield f"custom.{name}", value

    def _record(self, target: Target, change: Change, name: str, value: int) -> None:
        """Record another status or owner in the timeline of a lead that exists."""
        column = name.removesuffix("_id")
        if column not in {"status", "owner"} or target.lead.pk is None:
            return
        old = getattr(target.lead, column)
        model = LeadStatus if column == "status" else User
        new = model.objects.get(pk=value)
        if old != new:
            change.added.append(LeadChange.of(target.lead, column, old, new, user=self.by))

    def write(self) -> list[ImportRow]:
        """Write all, parents first, and return the rows that undo it."""
        Lead.objects.bulk_create([target.lead for target in self.new])
        self._update()
        added = [row for outcome in self.outcomes for row in outcome[3].added]
        for model, rows in by_model(added):
            model._default_manager.bulk_create(rows)
        return [self._row(*outcome) for outcome in self.outcomes]

    def _update(self) -> None:
        """Update the leads that existed before this batch, with the columns that changed."""
        leads, columns = {}, set()
        for target, change in self.changed:
            if target.lead.pk in self.targets and change.fields:
                leads[target.lead.pk] = target.lead
                columns |= {name.partition(".")[0].removesuffix("_id") for name in change.fields}
        if leads:
            Lead.objects.bulk_update(leads.values(), columns)

    def _row(
        self,
        parsed: Parsed,
        target: Target | int,
        outcome: Outcome,
        change: Change,
        content: str,
    ) -> ImportRow:
        lead = target if isinstance(target, int) else target.lead.pk
        before: dict[str, Any] = {"content": content} if content else {}
        if outcome == Outcome.MERGED:
            added = [[row._meta.model_name, row.pk, shown(row)] for row in change.added]
            before = {"fields": change.fields, "added": added}
        return ImportRow(
            organization_id=self.job.organization_id,
            lead_import=self.job,
            number=parsed.number,
            lead_id=lead,
            outcome=outcome,
            before=before,
        )


def _first_status(job: LeadImport) -> LeadStatus | None:
    return LeadStatus.objects.visible_in(job.organization_id).first()


def _custom_fields(job: LeadImport) -> dict[str, str]:
    """Return the key in `Lead.custom` of each column of the file that is a custom field."""
    rows = CustomField.objects.visible_in(job.organization_id)
    names = {f"custom:{row.pk}": row.key for row in rows}
    return {key: names[key] for key in job.columns if key in names}


def store(job: LeadImport, by: User, batch: list[Parsed]) -> tuple[Tally, list[ImportRow]]:
    """Add and merge leads. Return how many, and the rows that undo it."""
    work = Batch(job, by, batch)
    for parsed in batch:
        work.apply(parsed)
    rows = work.write()
    done = [parsed for parsed, _, outcome, *_ in work.outcomes if outcome != Outcome.SKIPPED]
    for group in column_groups:
        group.store(job, by, done)
    tally = Tally(
        *(sum(row.outcome == each for row in rows) for each in Outcome),
    )
    return tally, rows


KIND = ImportKind(
    name=LeadImport.Kind.LEADS,
    noun="lead",
    page="lead_import_list",
    required=frozenset({"name", "contact", "first_name", "last_name", "phone", "email"}),
    columns=lead_columns,
    check=check,
    plan=plan,
    store=store,
)
