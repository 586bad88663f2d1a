"""Pictures to send: uploaded before their text, and given to it when it's queued."""

from datetime import timedelta
from typing import IO, Any, cast

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from leads.models import Lead
from messaging.models import MediaFile, SmsMessage
from smscenter import retention
from smscenter.accounts.models import Organization, OwnedQuerySet, User
from smscenter.inspection.file_types import JPEG, PNG, detect
from smscenter.wording import upperfirst

# Larger than carriers take, because a picture often gets smaller when it's rewritten.
LARGEST = 10 * 1024 * 1024
# A picture whose text isn't sent is kept for a day, and no more than these for each person.
UNSENT_LASTS = timedelta(days=1)
MOST_UNSENT = 20


class PictureError(ValueError):
    """The file can't be sent. The message is for the rep."""


def sendable(user: User, lead: Lead) -> OwnedQuerySet[MediaFile]:
    """Return the pictures that this person can send to a lead: new ones, and sent ones again."""
    unsent = Q(message=None, user=user)
    sent = Q(message__lead=lead, message__direction=SmsMessage.Direction.OUTGOING)
    return MediaFile.objects.visible_to(user).filter(unsent | sent)


def attach(upload: UploadedFile[Any], user: User, organization: Organization) -> MediaFile:
    """Store an upload, rewritten from its pixels, until its text is sent. Raises PictureError."""
    if upload.size is None or upload.size > LARGEST:
        raise PictureError(f"Pictures can be up to {filesizeformat(LARGEST)}.")
    content = cast("IO[bytes]", upload.file)
    known = detect(content, (PNG, JPEG))
    if known is None:
        raise PictureError("Only PNG and JPEG pictures can be sent.")
    try:
        known.inspect(content)
    except ValueError as error:
        raise PictureError(upperfirst(str(error))) from error
    stored = File(content, "new")
    row = MediaFile.objects.create(
        organization=organization,
        file=stored,
        name=f"picture{known.suffix}",
        size=stored.size,
        content_type=known.content_type,
        user=user,
    )
    unsent = MediaFile.objects.filter(organization=organization, message=None, user=user)
    for old in unsent.order_by("-created", "-pk")[MOST_UNSENT:]:
        old.delete()
    return row


def give(picture: MediaFile, message: SmsMessage) -> None:
    """Let the picture belong to this text: itself, or a copy if another text has it."""
    unsent = MediaFile.objects.filter(pk=picture.pk, message=None)
    if not unsent.update(message=message):
        with picture.file.open() as content:
            picture = MediaFile.objects.create(
                organization_id=picture.organization_id,
                message=message,
                file=File(content, "new"),
                name=picture.name,
                size=picture.size,
                content_type=picture.content_type,
                user=picture.user,
            )
    message.media = [picture.listed]
    SmsMessage.objects.filter(pk=message.pk).update(media=message.media)


def take_back(message: SmsMessage, user: User) -> None:
    """Let the picture of a text that's about to be deleted be sent with another one."""
    MediaFile.objects.filter(message=message).update(
        message=None, user=user, created=timezone.now()
    )


def delete_unsent() -> None:
    """Delete pictures whose text was never sent."""
    unsent = MediaFile.objects.filter(message=None, created__lt=timezone.now() - UNSENT_LASTS)
    retention.delete(unsent.order_by("created"))
