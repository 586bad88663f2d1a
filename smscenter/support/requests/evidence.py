"""Add and remove the files of a request."""

from collections.abc import Iterable

from django.core.files.base import File

from smscenter.accounts.models import User
from smscenter.support.models import Evidence, SupportRequest
from smscenter.support.models.evidence import EvidenceQuerySet
from smscenter.support.models.history import record_edit
from smscenter.support.requests.uploads import MOST_FILES, Upload


def add_evidence(support_request: SupportRequest, uploads: Iterable[Upload], by: User) -> None:
    """Store the new ones of these uploads, up to the limit of a request."""
    room = max(0, MOST_FILES - support_request.evidence.count())
    new = without(uploads, support_request.evidence.all())
    _store(support_request, new[:room], by)


def without(uploads: Iterable[Upload], rows: EvidenceQuerySet) -> list[Upload]:
    """Return the uploads that aren't stored in these rows. A second click sends them again."""
    stored = set(rows.values_list("name", "sha256"))
    return [upload for upload in uploads if (upload.name, upload.sha256) not in stored]


def discard_evidence(support_request: SupportRequest, by: User) -> None:
    """Delete all files of a draft to free their space, and record that in its history."""
    files = list(support_request.evidence.all())
    for evidence in files:
        evidence.delete()
    if files:
        changes = [f"{evidence} removed" for evidence in files]
        record_edit(support_request, by, changes)


def _store(support_request: SupportRequest, uploads: Iterable[Upload], by: User) -> None:
    """Store all of them or none: if the transaction fails, the files go with the rows."""
    stored: list[Evidence] = []
    try:
        for upload in uploads:
            stored.append(_evidence_of(support_request, upload, by))
            stored[-1].save()
    except Exception:
        for evidence in stored:
            evidence.file.delete(save=False)
        raise


def _evidence_of(support_request: SupportRequest, upload: Upload, by: User) -> Evidence:
    return Evidence(
        organization_id=support_request.organization_id,
        request=support_request,
        file=File(upload.file, "new"),
        name=upload.name,
        size=upload.size,
        content_type=upload.content_type,
        sha256=upload.sha256,
        uploaded_by=by,
    )
