"""The URL that mail services post received mails to."""

import base64
import binascii

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from smscenter.support.replies.message import LARGEST, UnreadableError
from smscenter.support.replies.receive import receive

# The field with the whole mail: of SendGrid, and of Mailgun.
FIELDS = ("email", "body-mime")


@csrf_exempt
@login_not_required
@require_POST
def receive_mail(request: HttpRequest) -> HttpResponse:
    """Process a mail. The response is the same for every readable one, whatever becomes of it."""
    secret: str = settings.REPLY_EMAIL_SECRET
    if not settings.REPLY_EMAIL or not secret:
        return HttpResponse("Replies by email are off.", status=403)
    if not constant_time_compare(_password(request), secret):
        return HttpResponse("Wrong secret.", status=403)
    try:
        receive(_raw(request))
    except UnreadableError as error:
        return HttpResponse(str(error), status=400)
    return HttpResponse(status=204)


def _password(request: HttpRequest) -> str:
    """Return the secret of `Authorization: Bearer`, or the password of `Authorization: Basic`."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return value
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _raw(request: HttpRequest) -> bytes:
    """Return the mail: the body, or a field of the form that some services post."""
    if request.content_type in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        found = next(filter(None, map(request.POST.get, FIELDS)), "")
        return str(found).encode("utf-8", errors="replace")
    return request.read(LARGEST + 1)
