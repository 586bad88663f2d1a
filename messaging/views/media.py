"""Files of texts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from messaging.incoming import downloads
from messaging.models import MediaFile, SmsMessage
from messaging.models.media import IMAGE_TYPES
from messaging.outgoing import picture_links
from smscenter import stored_files
from smscenter.accounts.http import MemberRequest, visible


@visible(SmsMessage.objects.for_timeline)
@require_POST
def media_fetch(request: MemberRequest, message: SmsMessage) -> HttpResponse:
    """Download a file that came with a text from the carrier, and show it."""
    position = request.POST.get("position", "")
    if position not in {str(file.position) for file in message.listed_files}:
        raise Http404
    problem = ""
    if message.is_incoming:
        try:
            downloads.fetch(message, int(position), request.user)
        except downloads.TryLaterError as error:
            problem = str(error)
    if not request.htmx:
        if problem:
            messages.error(request, problem)
        return redirect(message)
    row = SmsMessage.objects.for_timeline().get(pk=message.pk)
    context = {"row": row, "file": row.listed_files[int(position)], "problem": problem}
    return render(request, "messaging/_media_file.html", context)


@login_not_required
@require_safe
def carrier_picture(_request: HttpRequest, token: str) -> HttpResponseBase:
    """Serve the picture of a text to its carrier."""
    picture = picture_links.picture_of(token)
    if picture is None:
        raise Http404
    return stored_files.serve(
        picture.file, name=picture.name, content_type=picture.content_type, inline=True
    )


@visible(MediaFile.objects.all)
@require_safe
def media_file(_request: MemberRequest, media: MediaFile) -> HttpResponseBase:
    """Serve a file that's kept: an image in the page, anything else as an attachment."""
    return stored_files.serve(
        media.file,
        name=media.name,
        content_type=media.content_type,
        inline=media.content_type in IMAGE_TYPES,
    )
