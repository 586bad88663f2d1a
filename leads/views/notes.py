from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from leads import timeline
from leads.forms import NoteForm
from leads.models import Lead, Note
from leads.views.lead import with_page
from smscenter import undo
from smscenter.accounts.http import MemberRequest, visible
from smscenter.accounts.models import User
from smscenter.audit.objects import HIDDEN
from smscenter.audit.recording import record


@visible(Lead.objects.for_page)
@require_POST
def note_new(request: MemberRequest, lead: Lead) -> HttpResponse:
    note = Note(lead=lead, organization=lead.organization, user=request.user)
    form = NoteForm(request.POST, instance=note)
    if form.is_valid():
        form.save_once()
    if not request.htmx:
        if form.is_valid():
            return redirect(lead)
        context = with_page(request, lead, note_form=form)
        return render(request, "leads/lead_detail.html", context, status=422)
    context = {"lead": lead, "note_form": NoteForm() if form.is_valid() else form}
    response = render(request, "leads/_note_form.html", context)
    return trigger_client_event(response, "timeline-changed", after="settle")


@visible(lambda: Note.objects.select_related("lead"))
@require_GET
def note_detail(request: MemberRequest, note: Note) -> HttpResponse:
    """Show only the note, which replaces the form after Cancel."""
    return show(request, note)


def editable(
    view: Callable[[MemberRequest, Note], HttpResponse],
) -> Callable[[MemberRequest, Note], HttpResponse]:
    """Let the author and managers edit a note: 403 for other readers, 404 if it was deleted."""

    @wraps(view)
    def gate(request: MemberRequest, note: Note) -> HttpResponse:
        if not note.is_editable_by(request.user):
            raise PermissionDenied
        try:
            return view(request, note)
        except Note.DoesNotExist as error:
            raise Http404 from error

    return gate


@visible(lambda: Note.objects.select_related("lead"))
@require_http_methods(["GET", "HEAD", "POST"])
@editable
def note_edit(request: MemberRequest, note: Note) -> HttpResponse:
    form = NoteForm(request.POST or None, instance=note)
    if request.method == "POST" and form.is_valid():
        edit(note, form.cleaned_data["text"], request.user)
        return show(request, note)
    template = "leads/_note_edit.html" if request.htmx else "leads/note_edit.html"
    return render(request, template, {"note": note, "lead": note.lead, "form": form})


@visible(lambda: Note.objects.select_related("lead"))
@require_POST
@editable
def note_delete(request: MemberRequest, note: Note) -> HttpResponse:
    deletion = undo.deletion([note])
    left = note.remove(request.user)
    offer = undo.offer(request, "Note deleted.", "deletion", undo.leaving(deletion, left))
    if not request.htmx:
        undo.notify(request, offer)
        return redirect(note.lead)
    response = render(request, "_undo_toast.html", {"undo": offer})
    return trigger_client_event(response, "timeline-changed", after="settle")


@transaction.atomic
def edit(note: Note, text: str, by: User) -> None:
    note.edit(text, by)
    record("changed", note, after={"text": HIDDEN})


def show(request: MemberRequest, note: Note) -> HttpResponse:
    if not request.htmx:
        return redirect(note.lead)
    shown = timeline.named(note.lead, {f"note-{note.pk}"})
    return render(request, "leads/_activity.html", {"lead": note.lead, "shown": shown})
