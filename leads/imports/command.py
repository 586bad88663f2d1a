"""Import a file from the shell, with the same code as the page."""

import sys
import time
from argparse import ArgumentParser, FileType
from typing import IO, Any

from django.core.management.base import CommandError

from leads.imports import actions, work
from leads.imports.kinds import kind_of
from leads.models import LeadImport, LeadStatus
from smscenter.accounts.models import Organization, User
from smscenter.management.migrated import MigratedCommand

SHOWN = 50
# How long to wait for a worker that does a step of the same import.
PAUSE = 0.2
State = LeadImport.State


class ImportCommand(MigratedCommand):
    """Reads, checks, and imports a file. If it's killed, a worker finishes what it started."""

    kind = LeadImport.Kind.LEADS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.csv", type=FileType("rb"))
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument(
            "--user", metavar="NAME", help="who imports the file (default: a manager)"
        )
        parser.add_argument("--dry-run", action="store_true", help="only check the file")
        if self.kind == LeadImport.Kind.LEADS:
            parser.add_argument(
                "--duplicates",
                choices=LeadImport.Duplicates.values,
                default="merge",
                help="what to do with rows for an existing lead (default: merge)",
            )

    def handle(self, *_: Any, file: IO[bytes], **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"No organization {options['organization']!r}.")
        by = self._user(organization, options["user"])
        fields = {"kind": self.kind, "duplicates": options.get("duplicates", "merge")}
        job = actions.upload(organization, by, file, file.name, **fields)
        self._work(job)
        if job.state == State.UNREADABLE:
            actions.discard(job)
            raise CommandError(job.problem)
        self._run(job, options["dry_run"])

    def _run(self, job: LeadImport, is_dry: bool) -> None:
        self._show_columns(job)
        job.match_on = LeadImport.MatchOn.values
        job.status = LeadStatus.objects.visible_in(job.organization_id).first()
        (actions.check if is_dry else actions.start)(job)
        self._work(job)
        self._show(job)
        if is_dry:
            actions.discard(job)

    def _work(self, job: LeadImport) -> None:
        """Do all steps, or wait for a worker that does them."""
        while job.is_in_work:
            if not work.step(job.pk):
                time.sleep(PAUSE)
            job.refresh_from_db(fields=["state", "position"])
            if sys.stderr.isatty():
                self.stderr.write(f"\r{job.position:,} of {job.total:,}", ending="")
        job.refresh_from_db()

    def _user(self, organization: Organization, name: str | None) -> User:
        """Return the member who imports it, by default the first manager or owner."""
        members = User.objects.filter(organization=organization, is_active=True).order_by("pk")
        if name is not None:
            by = members.filter(username=name).first()
        else:
            by = next((each for each in members if each.has_perm("leads.import_leads")), None)
        if by is None:
            wanted = "manager" if name is None else f"member {name!r}"
            raise CommandError(f"{organization} has no {wanted}.")
        if not by.has_perm("leads.import_leads"):
            raise CommandError(f"{by} doesn't have permission to import.")
        return by

    def _show_columns(self, job: LeadImport) -> None:
        labels = {column.key: column.label for column in kind_of(job).columns(job)}
        for index, (name, key) in enumerate(zip(job.header, job.columns, strict=True)):
            self.stdout.write(f"{name or f'Column {index + 1}'}: {labels.get(key, 'not imported')}")

    def _show(self, job: LeadImport) -> None:
        for problem in job.problems.all()[:SHOWN]:
            at = job.header[problem.column] if problem.column is not None else ""
            where = f"row {problem.number}" + (f", {at}" if at else "")
            outcome = "row left out" if problem.is_fatal else "value left out"
            self.stdout.write(f"{where}: {problem.message} ({outcome})")
        more = job.problems.count() - SHOWN
        if more > 0:
            self.stdout.write(f"… and {more:,} more problems")
        prefix = "Would be: " if job.state == State.READY else ""
        self.stdout.write(
            f"{prefix}{job.added:,} added, {job.merged:,} merged, {job.skipped:,} skipped, "
            f"{job.rejected:,} left out."
        )
