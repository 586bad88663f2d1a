"""A PDF that does more than show pages is refused: somebody will open it."""

import zipfile
import zlib
from io import BytesIO

import pytest

from smscenter.support import pdf_content


def pdf(*objects: bytes) -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, row) for n, row in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"startxref\n9\n%%EOF\n"


def packed(content: bytes, facts: bytes = b"/Type /ObjStm /Filter /FlateDecode") -> bytes:
    return b"<< %s /N 1 >>\nstream\n%s\nendstream" % (facts, zlib.compress(content))


PAGE = b"<< /Type /Page /Annots [<< /A << /S /URI /URI (https://acme.example) >> >>] >>"
SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"
ESCAPED = b"<< /S /J#61vaScrip#74 /JS (app.alert(1)) >>"


@pytest.mark.parametrize(
    "content",
    [
        pdf(PAGE),
        pdf(b"<< /OpenAction [1 0 R /Fit] /Names << /Dests 2 0 R >> >>"),
        pdf(packed(PAGE)),
        pdf(packed(PAGE, b"/Type/ObjStm/Filter[/FlateDecode]")),
        pdf(b"<< /Type /ObjStm /N 1 >>\nstream\n" + PAGE + b"\nendstream"),
        pdf(packed(b"an image", b"/Filter [/ASCII85Decode /FlateDecode]")),
        pdf(b"<< /Title (/LaunchPad, see /Launch-plan) >>"),
    ],
)
def test_pages_with_links_are_fine(content: bytes) -> None:
    pdf_content.refuse_active(content)


@pytest.mark.parametrize(
    "content",
    [
        pdf(SCRIPT),
        pdf(ESCAPED),
        pdf(packed(SCRIPT)),
        pdf(packed(ESCAPED, b"/Type /Obj#53tm /Filter /FlateDecode")),
        pdf(PAGE, packed(PAGE), packed(SCRIPT)),
        pdf(b"<< /Type /ObjStm /N 1 >>\nstream\n" + SCRIPT + b"\nendstream"),
        pdf(b"<< /S /Launch /F (cmd.exe) >>"),
        pdf(b"<< /Names << /EmbeddedFiles 3 0 R >> >>"),
        pdf(b"<< /Type /EmbeddedFile >>\nstream\nMZ\nendstream"),
        pdf(b"<</S/SubmitForm/F(https://evil.example)>>"),
        pdf(b"<< /AcroForm << /XFA 5 0 R >> >>"),
    ],
)
def test_what_runs_or_holds_other_files_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="runs something, or other files are in it"):
        pdf_content.refuse_active(content)


@pytest.mark.parametrize(
    "content",
    [
        pdf(b"<< /Encrypt 7 0 R >>"),
        pdf(packed(SCRIPT, b"/Type /ObjStm /Filter /LZWDecode")),
        pdf(packed(SCRIPT, b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]")),
        pdf(packed(PAGE, b"/Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 12 >>")),
        pdf(packed(PAGE)[:-30]),
        pdf(b"<< /Type /ObjStm " + b" " * 3_000 + packed(SCRIPT)[12:]),
    ],
)
def test_what_cannot_be_looked_into_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="is protected"):
        pdf_content.refuse_active(content)


def test_a_stream_that_unfolds_without_end_is_not_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_content, "MOST_READ", 1_000)
    pdf_content.refuse_active(pdf(packed(b" " * 900)))
    for bomb in (pdf(packed(b" " * 2_000)), pdf(*[packed(b" " * 400)] * 3)):
        with pytest.raises(ValueError, match="is protected"):
            pdf_content.refuse_active(bomb)


def test_a_pdf_that_is_an_archive_as_well_is_refused() -> None:
    archive = BytesIO(pdf(PAGE))
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("run.exe", b"MZ")
        file.comment = b"startxref\n9\n%%EOF\n"
    assert archive.getvalue().startswith(b"%PDF-")
    with pytest.raises(ValueError, match="other files are in it"):
        pdf_content.refuse_active(archive.getvalue())
