"""Imports of files: what was chosen, how far it is, and what each row did."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.urls import reverse
from django.utils import timezone

from leads.models.lead import Lead
from leads.models.vocabulary import LeadStatus
from smscenter.accounts.models import MadeByForm, Owned, OwnedQuerySet, once
from smscenter.stored_files import private_storage, random_path

KEPT = timedelta(days=30)


def path_of(row: "LeadImport", _name: str) -> str:
    return random_path("imports", row.organization_id)


class LeadImportQuerySet(OwnedQuerySet["LeadImport"]):
    def in_work(self) -> Self:
        """Return those that a worker has to do something for."""
        return self.filter(state__in=LeadImport.IN_WORK)

    def for_page(self) -> Self:
        return self.select_related("organization", "created_by", "status", "owner")

    def for_list(self) -> Self:
        return self.select_related("created_by").defer("header", "sample", "columns")

    def with_columns_like(self, other: "LeadImport") -> "LeadImport | None":
        """Return the organization's latest import of a file with the same header, if any."""
        rows = self.filter(organization=other.organization_id, kind=other.kind)
        rows = rows.filter(header_key=other.header_key, has_header=True).exclude(columns=[])
        return rows.exclude(pk=other.pk).order_by("-pk").first()


class LeadImport(MadeByForm):
    """A file that someone imports. Its rows are in private storage (leads/imports/rows.py)."""

    class Kind(models.TextChoices):
        LEADS = "leads", "Leads"
        OPT_OUTS = "opt_outs", "Opt-outs"

    class State(models.TextChoices):
        READING = "reading", "Reading the file"
        UNREADABLE = "unreadable", "Can't be read"
        MAPPING = "mapping", "Match columns"
        CHECKING = "checking", "Checking"
        READY = "ready", "Ready to import"
        IMPORTING = "importing", "Importing"
        CANCELED = "canceled", "Canceled"
        DONE = "done", "Imported"
        UNDOING = "undoing", "Undoing"
        UNDONE = "undone", "Undone"

    class Duplicates(models.TextChoices):
        MERGE = "merge", "Merge into the existing lead"
        SKIP = "skip", "Skip the row"
        ADD = "add", "Add a new lead anyway"

    class MatchOn(models.TextChoices):
        PHONE = "phone", "Phone number"
        EMAIL = "email", "Email address"
        EXTERNAL_ID = "external_id", "External ID"

    IN_WORK = (State.READING, State.CHECKING, State.IMPORTING, State.UNDOING)
    # Nothing was imported yet, so these can be discarded.
    NOT_STARTED = (State.READING, State.UNREADABLE, State.MAPPING, State.CHECKING, State.READY)

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.LEADS)
    name = models.CharField("file name", max_length=200)
    file = models.FileField(
        storage=private_storage, upload_to=path_of, max_length=200, blank=True, editable=False
    )
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    problem = models.CharField(max_length=300, blank=True)

    has_header = models.BooleanField(default=True)
    header = models.JSONField(default=list, blank=True)
    header_key = models.CharField(max_length=64, blank=True)
    sample = models.JSONField(default=list, blank=True)
    # What each column of the file is, such as `phone`; empty if it isn't imported.
    columns = models.JSONField(default=list, blank=True)
    match_on = models.JSONField(default=list, blank=True)
    duplicates = models.CharField(
        max_length=5, choices=Duplicates.choices, default=Duplicates.MERGE
    )
    overwrites = models.BooleanField(default=False)
    is_strict = models.BooleanField(default=False)
    status = models.ForeignKey(
        LeadStatus, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    new_fields = models.JSONField(default=list, help_text="IDs of the custom fields it created.")

    total = models.PositiveIntegerField(default=0)
    # How many rows of the file were checked or imported, and where the next one is in the file.
    position = models.PositiveIntegerField(default=0)
    offset = models.PositiveBigIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    merged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    undone = models.PositiveIntegerField(default=0)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)

    objects = LeadImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        constraints = [
            UniqueConstraint(fields=["id", "organization"], name="lead_import_organization"),
            once("lead_import_form_token"),
            models.CheckConstraint(
                name="lead_import_kind", condition=Q(kind__in=["leads", "opt_outs"])
            ),
            models.CheckConstraint(
                name="lead_import_duplicates",
                condition=Q(duplicates__in=["merge", "skip", "add"]),
            ),
            models.CheckConstraint(
                name="lead_import_state",
                condition=Q(
                    state__in=[
                        "reading",
                        "unreadable",
                        "mapping",
                        "checking",
                        "ready",
                        "importing",
                        "canceled",
                        "done",
                        "undoing",
                        "undone",
                    ]
                ),
            ),
        ]
        indexes = [
            Index(fields=["organization", "-created", "-id"], name="lead_import_created"),
            Index(
                fields=["id"],
                condition=Q(state__in=["reading", "checking", "importing", "undoing"]),
                name="lead_import_in_work",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("lead_import_detail", args=[self.pk])

    @property
    def is_in_work(self) -> bool:
        return self.state in self.IN_WORK

    @property
    def is_not_started(self) -> bool:
        return self.state in self.NOT_STARTED

    @property
    def is_of_leads(self) -> bool:
        return self.kind == self.Kind.LEADS

    @property
    def percent(self) -> int:
        return self.position * 100 // self.total if self.total else 0

    @property
    def kept_until(self) -> datetime:
        return self.created + KEPT

    @property
    def has_rows(self) -> bool:
        """Return whether its rows are still there, and not deleted after 30 days."""
        return bool(self.file) and timezone.now() < self.kept_until

    @property
    def can_be_undone(self) -> bool:
        is_over = self.state in {self.State.DONE, self.State.CANCELED}
        return is_over and self.is_of_leads and self.has_rows and bool(self.added + self.merged)

    @property
    def can_be_resumed(self) -> bool:
        return self.state == self.State.CANCELED and self.has_rows and self.position < self.total


class ImportRow(Owned):
    """What a row of the file did to a lead, and what undoes it (leads/imports/undoing.py)."""

    class Outcome(models.TextChoices):
        ADDED = "added", "Added"
        MERGED = "merged", "Merged"
        SKIPPED = "skipped", "Skipped"

    lead_import = models.ForeignKey(
        LeadImport, on_delete=models.CASCADE, db_index=False, related_name="rows"
    )
    number = models.PositiveIntegerField(help_text="Row number in the file.")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    before: Any = models.JSONField(default=dict, editable=False)
    kept = models.CharField(max_length=200, blank=True, help_text="Why it wasn't undone.")

    objects = OwnedQuerySet["ImportRow"].as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["lead_import", "number"], name="import_row_number"),
            models.CheckConstraint(
                name="import_row_outcome", condition=Q(outcome__in=["added", "merged", "skipped"])
            ),
        ]

    def __str__(self) -> str:
        return f"Row {self.number}"


class ImportProblem(Owned):
    """Something in a row that can't be imported: the whole row, or one value."""

    lead_import = models.ForeignKey(
        LeadImport, on_delete=models.CASCADE, db_index=False, related_name="problems"
    )
    number = models.PositiveIntegerField(help_text="Row number in the file.")
    # Empty if it's about the whole row.
    column = models.PositiveIntegerField(null=True, blank=True)
    code = models.CharField(max_length=20)
    value = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=200)
    is_fatal = models.BooleanField(default=False, help_text="The row isn't imported.")

    objects = OwnedQuerySet["ImportProblem"].as_manager()

    class Meta:
        ordering = ["number", "id"]
        indexes = [Index(fields=["lead_import", "code", "number"], name="import_problem_code")]

    def __str__(self) -> str:
        return f"Row {self.number}: {self.message}"


class ImportKey(Owned):
    """A phone number, email address, or ID in a file, to find rows that have the same.

    Only while a file is checked. `digest` is short, and says nothing about the person.
    """

    lead_import = models.ForeignKey(
        LeadImport, on_delete=models.CASCADE, db_index=False, related_name="keys"
    )
    digest = models.BigIntegerField()
    number = models.PositiveIntegerField(help_text="Row number in the file.")

    class Meta:
        constraints = [UniqueConstraint(fields=["lead_import", "digest"], name="import_key_digest")]

    def __str__(self) -> str:
        return f"Key of row {self.number}"
