"""Refuse PDFs that do more than show pages and link to websites. Carriers will open them.

qpdf parses them strictly: another reader might repair a damaged file in another way. All objects
are checked, including those that nothing refers to, and every revision of a file that was saved
several times. Streams aren't decoded, because only objects can act.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pikepdf import Object, PasswordError, Pdf, PdfError, Stream

from smscenter.inspection.verdict import Refused, Verdict

# Where a PDF ends: readers look for it in the last part of a file.
END = 1_024
REVISION = re.compile(rb"startxref\s+(\d+)\s+%%EOF")
# Names that mean the same everywhere: scripts, programs, other files, media, and forms that submit
# themselves (ISO 32000-2, 7.11, 12.6, 12.7, 13).
ACTIVE = {
    *("/EF", "/EmbeddedFile", "/EmbeddedFiles", "/FileAttachment", "/Filespec"),
    *("/GoToE", "/GoToR", "/ImportData", "/JavaScript", "/JS", "/Launch", "/Rendition"),
    *("/Renditions", "/RichMedia", "/RichMediaContent", "/RichMediaExecute"),
    *("/SubmitForm", "/XFA"),
}
# Additional actions, which pages and forms trigger, and portfolios of files.
ACTIVE_KEYS = {"/AA", "/Collection"}
# Names that mean something else in other places: types of actions, annotations, and objects.
ACTIVE_ACTIONS = {
    *("/GoTo3DView", "/GoToDp", "/Hide", "/Movie", "/Named", "/ResetForm"),
    *("/SetOCGState", "/Sound", "/Thread", "/Trans"),
}
ACTIVE_SUBTYPES = {"/3D", "/Movie", "/PS", "/Screen", "/Sound"}
# A link may lead to a page of the same file, or to the web.
GO_TO, OPEN_URI = "/GoTo", "/URI"
WEB = re.compile(r"u:(?:https?://|mailto:|tel:|www\.)", re.IGNORECASE)
REFERENCE = re.compile(r"(\d+) (\d+) R")

Node = dict[str, Any]


def inspect(content: bytes) -> bytes:
    """Return the content unchanged. Raise Refused."""
    end = content[-END:]
    if b"startxref" not in end or b"%%EOF" not in end:
        raise Refused(Verdict.DAMAGED_PDF)
    if zipfile.is_zipfile(BytesIO(content)):
        raise Refused(Verdict.ACTIVE_PDF)
    for revision in revisions(content):
        _inspect(revision)
    return content


def revisions(content: bytes) -> Iterator[bytes]:
    """Yield the file as it was each time it was saved, the newest first.

    Changes are appended to a PDF, so cutting one off restores the previous revision. The reference
    to 0 at the start of a linearized PDF doesn't end a revision.
    """
    yield content
    ends = [found.end() for found in REVISION.finditer(content) if int(found[1])]
    for end in reversed(ends[:-1]):
        yield content[:end]


def _inspect(content: bytes) -> None:
    try:
        with Pdf.open(
            BytesIO(content), attempt_recovery=False, inherit_page_attributes=False
        ) as pdf:
            if pdf.is_encrypted:
                raise Refused(Verdict.PROTECTED_PDF)
            _refuse_active(pdf)
            # Warnings are complete once everything is read. After that, qpdf repairs the page tree.
            if pdf.get_warnings() or not len(pdf.pages):
                raise Refused(Verdict.DAMAGED_PDF)
    except PasswordError as error:
        raise Refused(Verdict.PROTECTED_PDF) from error
    except (PdfError, ValueError, RecursionError) as error:
        raise Refused(Verdict.DAMAGED_PDF) from error


def _refuse_active(pdf: Pdf) -> None:
    for node in _dictionaries(pdf):
        if _is_active(pdf, node):
            raise Refused(Verdict.ACTIVE_PDF)


def _dictionaries(pdf: Pdf) -> Iterator[Node]:
    """Yield every dictionary of the file, with names as `/Name`, however they are written."""
    yield from _nested(json.loads(pdf.trailer.to_json()))
    for object_ in pdf.objects:
        read = _read(object_)
        if isinstance(object_, Stream) and "/F" in read:
            raise Refused(Verdict.ACTIVE_PDF)  # Its data is in another file.
        yield from _nested(read)


def _nested(value: Any) -> Iterator[Node]:
    rest = [value]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            yield value
            rest.extend(value.values())
        elif isinstance(value, list):
            rest.extend(value)
        elif isinstance(value, str) and value in ACTIVE:
            raise Refused(Verdict.ACTIVE_PDF)


def _is_active(pdf: Pdf, node: Node) -> bool:
    if not (ACTIVE | ACTIVE_KEYS).isdisjoint(node):
        return True
    kind = _resolved(pdf, node.get("/S"))
    if kind in ACTIVE_ACTIONS or _resolved(pdf, node.get("/Subtype")) in ACTIVE_SUBTYPES:
        return True
    # An action with a next action.
    if "/Next" in node and kind in {GO_TO, OPEN_URI}:
        return True
    if any(_leads_elsewhere(_resolved(pdf, node.get(key))) for key in ("/URI", "/Base")):
        return True
    return not all(_is_passive(pdf, node, key) for key in ("/OpenAction", "/A", "/PA"))


def _leads_elsewhere(address: Any) -> bool:
    """Return whether this is an address of anything but the web: a file, a script."""
    return isinstance(address, str) and address[:2] in {"u:", "b:"} and not WEB.match(address)


def _is_passive(pdf: Pdf, node: Node, key: str) -> bool:
    """Return whether this key starts nothing, or only turns a page or follows a link."""
    action = _resolved(pdf, node.get(key))
    if not isinstance(action, dict) or "/S" not in action:
        return True  # A destination, or an attribute of the structure.
    kind = _resolved(pdf, action["/S"])
    is_link = key != "/OpenAction" and _resolved(pdf, node.get("/Subtype")) == "/Link"
    return kind == GO_TO or (kind == OPEN_URI and is_link)


def _resolved(pdf: Pdf, value: Any) -> Any:
    """Return what a reference refers to, and any other value unchanged."""
    reference = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return value
    return _read(pdf.get_object((int(reference[1]), int(reference[2]))))


def _read(object_: Any) -> Any:
    """Return an object as plain values. pikepdf already returns numbers and booleans as such."""
    return json.loads(object_.to_json(dereference=True)) if isinstance(object_, Object) else object_
