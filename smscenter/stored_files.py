"""Files in private storage, which only views serve, after a permission check."""

from uuid import uuid4

from django.core.files.storage import Storage, storages
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404


def private_storage() -> Storage:
    return storages["private"]


def random_path(folder: str, organization_id: int) -> str:
    """Return a path that contains nothing from the upload."""
    return f"{folder}/{organization_id}/{uuid4().hex}"


def serve(file: FieldFile, *, name: str, content_type: str, inline: bool = False) -> FileResponse:
    """Serve a file as an attachment, so that browsers never run it as a page of this site.

    Only an image that was rewritten may be shown `inline`. Raises Http404 if the file is gone.
    """
    try:
        content = file.open()
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=not inline, filename=name, content_type=content_type
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
