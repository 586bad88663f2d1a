"""Change the ticked rows of a list, or all that a search found: owner, status, handled."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from leads.changing import bulk_changes
from leads.filters import people, statuses
from leads.models import BulkChange, Lead
from leads.views.lists import LEADS
from search import slow_searches
from search.answering.list_actions import ticked
from search.answering.list_pages import Listing
from search.language.errors import QueryError
from smscenter.accounts.forms import FormTokenField
from smscenter.accounts.http import MemberRequest, member_required, visible
from smscenter.accounts.models import User

Kind, Model = BulkChange.Kind, BulkChange.Model

# In the person's session: the change that their lists show.
SESSION_KEY = "bulk_change"
MOST = 200_000
MOST_IN_BAR = 40
ASSIGN_TO, STATUS = "Assign to ", "Status: "
TOO_MANY = f"You can change {MOST:,} rows at a time. Narrow the search."


class BulkChangeForm(forms.Form):
    change = forms.ChoiceField(label="Change")
    form_token = FormTokenField()

    def __init__(
        self, *args: Any, request: MemberRequest, model: BulkChange.Model, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.groups = choices(request, model)
        empty = [("", "Choose…")] if len(self.groups) > 1 else []
        self.fields["change"].choices = [*empty, *self.groups]  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the fields of a BulkChange."""
        kind, _, value = self.cleaned_data["change"].partition(":")
        labels = {key: label for _, group in self.groups for key, label in group}
        label = labels[self.cleaned_data["change"]] if value else ""
        label = label.removeprefix(ASSIGN_TO).removeprefix(STATUS)
        return {"kind": kind, "value": int(value) if value else None, "label": label}

    def key_for(self, ids: Collection[int]) -> UUID:
        """Return a key for what was chosen: the same for a second click."""
        token = self.cleaned_data["form_token"] or uuid4()
        return uuid5(token, f"{self.cleaned_data['change']} {sorted(ids)}")


def choices(
    request: MemberRequest, model: BulkChange.Model
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the changes that a person can choose, in groups."""
    handled = [(f"{Kind.HANDLED}:", "Mark failures as handled")]
    if model == Model.MESSAGE:
        return [("Failures", handled)]
    owners = [(f"{Kind.OWNER}:{each.pk}", f"{ASSIGN_TO}{each}") for each in people(request)]
    named = [(f"{Kind.STATUS}:{each.pk}", f"{STATUS}{each}") for each in statuses(request)]
    return [
        ("Status", named),
        ("Owner", [*owners, (f"{Kind.OWNER}:", "Unassign")]),
        ("Failures", handled),
    ]


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def lead_change(request: MemberRequest) -> HttpResponse:
    rows = Lead.objects.visible_to(request.user)
    return change_page(request, Model.LEAD, Listing(LEADS, request, rows.all))


def change_page(request: MemberRequest, model: BulkChange.Model, listing: Listing) -> HttpResponse:
    """Choose a change on a page, or make the one that the bar below a list chose."""
    sent = request.POST if "only" in request.POST else request.GET
    ids, problem = _ids(listing, ticked(sent))
    if problem:
        messages.error(request, problem)
        return _back(request, listing)
    data = request.POST if request.method == "POST" else None
    initial = {"change": request.GET.get("change", ""), "form_token": uuid4()}
    form = BulkChangeForm(data, request=request, model=model, initial=initial)
    if form.is_bound and form.is_valid():
        request.session[SESSION_KEY] = _start(request, model, form, ids).pk
        return _back(request, listing)
    if request.htmx:
        messages.error(request, "Choose what to change.")
        return _back(request, listing)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"form": form, "listing": listing, "count": len(ids)}
    return render(request, "leads/bulk_change.html", context, status=status)


def _ids(listing: Listing, chosen: Collection[int] | None) -> tuple[list[int], str]:
    """Return the ids of the visible rows, or why they can't be changed."""
    if listing.problem:
        return [], listing.problem.message
    rows = listing.limited_rows if chosen is None else listing.visible.filter(pk__in=chosen)
    try:
        found = rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1]
        ids = slow_searches.run("selection", listing.text, listing.user, lambda: list(found.all()))
    except QueryError as error:
        return [], error.problem.message
    if len(ids) > MOST:
        return [], TOO_MANY
    return ids, "" if ids else "Select at least one row."


def _start(
    request: MemberRequest, model: BulkChange.Model, form: BulkChangeForm, ids: list[int]
) -> BulkChange:
    """Freeze the selection and begin. A form that's posted twice is one change."""
    fields = form.chosen | {"model": model, "created_by": request.user}
    fields |= {"selection": ids, "total": len(ids)}
    with transaction.atomic():
        change, _ = BulkChange.objects.get_or_create(
            organization=request.organization,
            form_token=form.key_for(ids),
            defaults=fields,
        )
    bulk_changes.work(change)
    return change


def _back(request: MemberRequest, listing: Listing) -> HttpResponse:
    url = listing.url_of(listing.query) if listing.text else listing.url
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


@visible(BulkChange.objects.for_page)
@require_GET
def bulk_change_detail(request: MemberRequest, change: BulkChange) -> HttpResponse:
    """Show the progress to an open list."""
    return render(request, "leads/_bulk_change.html", shown(change, request.user))


def shown(change: BulkChange, user: User) -> dict[str, Any]:
    return {"change": change, "can_undo": change.can_be_undone_by(user)}


@visible(BulkChange.objects.for_page)
@require_POST
def bulk_change_undo(request: MemberRequest, change: BulkChange) -> HttpResponse:
    if bulk_changes.undo(change, request.user):
        request.session[SESSION_KEY] = change.pk
    else:
        messages.error(request, "This change can't be undone anymore.")
    return redirect("message_list" if change.model == Model.MESSAGE else "lead_list")
