"""Take the files of a received mail as evidence, if they pass the same inspection as uploads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from smscenter.inspection.file_types import detect
from smscenter.support.models import Evidence, SupportRequest
from smscenter.support.replies.message import Attached
from smscenter.support.requests.evidence import without
from smscenter.support.requests.uploads import (
    FILE_TYPES,
    MOST_FILES,
    MOST_STORED,
    Upload,
    clean_name,
    inspect_upload,
)

# Each is inspected in a process of its own.
MOST_INSPECTED = 10
LONGEST_SUFFIX = 10


@dataclass
class Taken:
    """The files that passed, and the names of those that didn't."""

    uploads: list[Upload] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def inspect(attached: Iterable[Attached]) -> Taken:
    """Inspect images and PDFs. Nothing else is evidence."""
    taken = Taken()
    for number, file in enumerate(attached):
        upload = _upload(file) if number < MOST_INSPECTED else None
        if upload is None:
            suffix = PurePath(file.name).suffix[:LONGEST_SUFFIX]
            taken.left_out.append(clean_name(file.name, suffix))
        else:
            taken.uploads.append(upload)
    return taken


def _upload(file: Attached) -> Upload | None:
    if detect(BytesIO(file.content), FILE_TYPES) is None:
        return None
    try:
        return inspect_upload(SimpleUploadedFile(file.name, file.content))
    except ValidationError:
        return None


def fit(support_request: SupportRequest, taken: Taken) -> Taken:
    """Return what the request and its organization have room for, without files they have."""
    rows = Evidence.objects.filter(request=support_request)
    stored = Evidence.objects.filter(organization=support_request.organization_id).stored()
    new = without(taken.uploads, rows)
    has_room = support_request.status.is_open and stored <= MOST_STORED
    room = max(0, MOST_FILES - rows.count()) if has_room else 0
    return Taken(new[:room], [*taken.left_out, *(upload.name for upload in new[room:])])
