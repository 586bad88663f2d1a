"""Pages of saved replies, which all support staff share."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from smscenter.support.models import SavedReply
from smscenter.support.review.forms import SavedReplyForm
from smscenter.support.review.http import ReviewRequest, reviewer_required
from smscenter.support.review.saved_replies import known_placeholders
from smscenter.wording import quote


@reviewer_required
@require_safe
def saved_reply_list(request: ReviewRequest) -> HttpResponse:
    context = {"saved_replies": SavedReply.objects.all()}
    return render(request, "support/review/saved_reply_list.html", context)


@reviewer_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_reply_new(request: ReviewRequest) -> HttpResponse:
    return _edited(request, SavedReply())


@reviewer_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_reply_edit(request: ReviewRequest, pk: int) -> HttpResponse:
    return _edited(request, get_object_or_404(SavedReply, pk=pk))


@reviewer_required
@require_POST
def saved_reply_delete(request: ReviewRequest, pk: int) -> HttpResponse:
    saved_reply = get_object_or_404(SavedReply, pk=pk)
    saved_reply.delete()
    messages.success(request, f"Deleted {quote(saved_reply.name)}.")
    return redirect("saved_reply_list")


def _edited(request: ReviewRequest, saved_reply: SavedReply) -> HttpResponse:
    form = SavedReplyForm(request.POST or None, instance=saved_reply)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, f"Saved {quote(saved_reply.name)}.")
        return redirect("saved_reply_list")
    context = {"form": form, "saved_reply": saved_reply, "placeholders": known_placeholders()}
    status = 422 if form.is_bound else 200
    return render(request, "support/review/saved_reply_form.html", context, status=status)
