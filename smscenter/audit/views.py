from collections.abc import Callable
from functools import wraps

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from search.answering import csv_export
from search.answering.filters import ListFilter
from search.answering.list_config import Column, ListConfig
from search.answering.list_pages import Listing, render_list
from search.answering.paging import Order
from smscenter.accounts.models import User
from smscenter.audit.actions import actions
from smscenter.audit.models import AuditRecord, may_read
from smscenter.audit.objects import kinds
from smscenter.database.replica.reading import from_replica


def people(request: HttpRequest) -> QuerySet[User]:
    """Return the members to filter by. Administrators have too many, and search."""
    return request.user.colleagues() if isinstance(request.user, User) else User.objects.none()


class AuditFilter(ListFilter):
    user = django_filters.ModelChoiceFilter(label="User", queryset=people, empty_label="Anyone")
    action = django_filters.ChoiceFilter(
        choices=lambda: [(each.name, each.label) for each in actions], empty_label="Any action"
    )
    object = django_filters.ChoiceFilter(
        choices=lambda: [(noun, noun.capitalize()) for noun in kinds()], empty_label="Anything"
    )

    class Meta:
        model = AuditRecord
        fields: list[str] = []


EXPORTED: csv_export.Columns[AuditRecord] = {
    "id": lambda record: record.pk,
    "when": lambda record: record.created,
    "time zone": csv_export.time_zone,
    "user": lambda record: record.actor_name,
    "user id": lambda record: record.actor_id,
    "action": lambda record: record.action,
    "summary": lambda record: record.summary,
    "changes": lambda record: "; ".join(
        f"{each.label}: {each.before} → {each.after}" for each in record.changed
    ),
    "note": lambda record: record.note,
    "object": lambda record: record.kind,
    "object id": lambda record: record.object_id,
    "organization id": lambda record: record.organization_id,
    "IP address": lambda record: record.address,
    "device": lambda record: record.device,
    "request": lambda record: record.request_id,
}

RECORDS = ListConfig(
    model="audit",
    one="record",
    label="records",
    heading="Audit log",
    placeholder="Search the audit log: words, user:me, action:exported…",
    examples=[
        ("action:exported created < 30 days ago", "exports in the last 30 days"),
        ("action:sign_in_failed created:today", "failed sign-ins today"),
        ("object:user action:changed", "changes of members and roles"),
        ("action:deleted", "what was deleted"),
    ],
    filters=AuditFilter,
    orders={"-created": Order.by("created", descending=True), "created": Order.by("created")},
    default_sort="-created",
    columns=[
        Column("What"),
        Column("From", name="from"),
        Column("When", "created", "-created", name="created", field="created", is_number=True),
    ],
    export="audit_export",
    exported=EXPORTED,
)


def readers_only(
    view: Callable[[HttpRequest, User], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let in owners and administrators, and tell the view who it is."""

    @wraps(view)
    def gate(request: HttpRequest) -> HttpResponseBase:
        if not isinstance(request.user, User) or not may_read(request.user):
            raise PermissionDenied
        return view(request, request.user)

    return gate


def _listing(request: HttpRequest, rows: QuerySet[AuditRecord]) -> Listing:
    return Listing(RECORDS, request, rows.select_related("organization").all)


@readers_only
@require_GET
@from_replica
def audit_list(request: HttpRequest, user: User) -> HttpResponse:
    """Show the audit log: of the organization to owners, of all to administrators."""
    listing = _listing(request, AuditRecord.objects.visible_to(user))
    return render_list(request, listing, "audit/audit_list.html", "audit/_results.html")


@readers_only
@require_GET
@from_replica
def audit_export(request: HttpRequest, user: User) -> HttpResponseBase:
    # Rows are read after the download itself was recorded, which isn't part of it.
    rows = AuditRecord.objects.visible_to(user).filter(created__lt=timezone.now())
    return csv_export.response(_listing(request, rows))
