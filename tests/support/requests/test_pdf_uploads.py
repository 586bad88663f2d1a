"""Test that PDFs with active content are rejected, because carriers open them."""

import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from time import monotonic, process_time
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pikepdf import Pdf

from messaging.models import SenderNumber
from smscenter.inspection import __main__ as child
from smscenter.inspection import pdf, process
from smscenter.inspection.verdict import Refused, Verdict
from smscenter.support.models import Evidence, SupportRequest
from smscenter.support.requests.uploads import LARGEST, inspect_upload
from smscenter.support.review.packet import packet_of
from smscenter.support.review.pdf import render
from tests.browser import chromium
from tests.support import pdfs
from tests.support.conftest import DETAILS
from tests.support.requests.conftest import LowerLimits

ACTIVE, DAMAGED = Verdict.ACTIVE_PDF, Verdict.DAMAGED_PDF
SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"
WEB = b"<< /S /URI /URI (https://acme.example) >>"
PLAIN = pdfs.write(pdfs.objects())


def verdict_on(content: bytes) -> Verdict:
    try:
        assert pdf.inspect(content) == content
    except Refused as refusal:
        return refusal.verdict
    return Verdict.FINE


def upload(content: bytes) -> None:
    inspect_upload(SimpleUploadedFile("form.pdf", content, "application/pdf"))


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        pdfs.write(pdfs.objects(page=pdfs.link(WEB))),
        pdfs.write(pdfs.objects(WEB, page=pdfs.link(b"4 0 R"))),
        pdfs.write(pdfs.objects(page=pdfs.link(b"<< /S /URI /URI (mailto:ada@acme.example) >>"))),
        pdfs.write(pdfs.objects(page=pdfs.link(b"<< /S /GoTo /D [3 0 R /Fit] >>"))),
        pdfs.write(pdfs.objects(root=b"/OpenAction [3 0 R /XYZ null null 0]")),
        pdfs.write(pdfs.objects(root=b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>")),
        pdfs.write(pdfs.objects(b"<< /Title (/Launch, /JavaScript) >>"), b"/Info 4 0 R"),
        pdfs.write(pdfs.objects(b"<< /S /Transparency /BM /Screen >>", b"12", b"true", b"[/XYZ]")),
        pdfs.write(pdfs.objects(page=b"/Trans << /S /Dissolve >>")),
        pdfs.append(PLAIN, pdfs.objects(page=b"/Rotate 90")),
        pdfs.compressed(100),
    ],
)
def test_pages_and_web_links_are_fine(content: bytes) -> None:
    assert verdict_on(content) is Verdict.FINE


@pytest.mark.parametrize(
    "content",
    [
        pdfs.write(pdfs.objects(root=b"/OpenAction " + SCRIPT)),
        pdfs.write(pdfs.objects(b"<< /Names [] >>", root=b"/Names << /JavaScript 4 0 R >>")),
        pdfs.write(pdfs.objects(b"<< /S /Java#53cript /J#53 (app.alert(1)) >>")),
        pdfs.write(pdfs.objects(b"<< /S 5 0 R >>", b"/Java#53cript")),
        pdfs.write(pdfs.objects(b"<< /S 5 0 R >>", b"/Named")),
        pdfs.write(pdfs.objects(pdfs.stream(b"app.alert(1)", b"/JS 4 0 R"))),
        pdfs.compressed(script=True),
        pdfs.write(pdfs.objects(b"<< /S /Launch /F (cmd.exe) >>")),
        pdfs.write(pdfs.objects(page=pdfs.link(b"<< /S /GoToR /F (other.pdf) /D [0 /Fit] >>"))),
        pdfs.write(pdfs.objects(b"<< /S /GoToE /T << /R /C >> >>", page=pdfs.link(b"4 0 R"))),
        pdfs.write(pdfs.objects(b"<< /S /SubmitForm /F (https://evil.example) >>")),
        pdfs.write(pdfs.objects(b"<< /S /ImportData /F (data.fdf) >>")),
        pdfs.write(pdfs.objects(b"<< /S /Thread /D 0 >>", b"<< /S /Sound >>", b"<< /S /Hide >>")),
        pdfs.write(pdfs.objects(b"<< /S /Rendition /OP 0 >>")),
        pdfs.write(pdfs.objects(b"<< /Subtype /Movie /Movie << /F (film.avi) >> >>")),
        pdfs.write(pdfs.objects(b"<< /Subtype /RichMedia >>")),
        pdfs.write(pdfs.objects(root=b"/AcroForm << /XFA [] >>")),
        pdfs.write(pdfs.objects(root=b"/Names << /EmbeddedFiles << /Names [] >> >>")),
        pdfs.write(pdfs.objects(pdfs.stream(b"MZ", b"/Type /EmbeddedFile"))),
        pdfs.write(pdfs.objects(b"<< /Type /Filespec /EF << /F 4 0 R >> >>")),
        pdfs.write(pdfs.objects(pdfs.stream(b"", b"/F (c:/secret.txt)"))),
    ],
)
def test_scripts_programs_files_and_media_are_rejected(content: bytes) -> None:
    assert verdict_on(content) is ACTIVE


@pytest.mark.parametrize(
    "content",
    [
        pdfs.write(pdfs.objects(root=b"/OpenAction " + WEB)),
        pdfs.write(pdfs.objects(WEB, root=b"/OpenAction 4 0 R", page=pdfs.link(b"4 0 R"))),
        pdfs.write(pdfs.objects(root=b"/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next << >> >>")),
        pdfs.write(pdfs.objects(page=b"/AA << /O << /S /GoTo /D [3 0 R /Fit] >> >>")),
        pdfs.write(pdfs.objects(page=pdfs.link(WEB[:-2] + b"/Next << /S /GoTo >> >>"))),
        pdfs.write(pdfs.objects(b"<< /S /GoTo /Next [<< /S /GoTo /Next 4 0 R >>] >>")),
        pdfs.write(pdfs.objects(b"<< /Title (Chapter) /A " + WEB + b" >>")),
    ],
)
def test_an_action_that_starts_without_a_click_is_rejected(content: bytes) -> None:
    assert verdict_on(content) is ACTIVE


@pytest.mark.parametrize(
    "address",
    [
        b"(javascript:alert\\(1\\))",
        b"( javascript:alert\\(1\\))",
        b"<66696c653a2f2f2f432f72756e2e657865>",
        b"(file:///C/run.exe)",
        b"(run.exe)",
        b"(\\\\\\\\evil.example\\\\share)",
        b"<fffe00d8>",
        b"9 0 R",
    ],
)
def test_links_to_anything_but_the_web_are_rejected(address: bytes) -> None:
    parts = pdfs.objects(page=pdfs.link(b"<< /S /URI /URI %s >>" % address))
    assert verdict_on(pdfs.write(parts | {9: b"(file:///C/run.exe)"})) is ACTIVE


def test_an_action_in_an_older_revision_is_rejected() -> None:
    older = pdfs.write(pdfs.objects(root=b"/OpenAction " + SCRIPT))
    content = pdfs.append(older, pdfs.objects())
    assert Pdf.open(BytesIO(content)).Root.get("/OpenAction") is None
    assert verdict_on(content) is ACTIVE
    assert verdict_on(pdfs.append(content, pdfs.objects())) is ACTIVE


def test_an_action_in_a_newer_revision_is_rejected() -> None:
    assert verdict_on(pdfs.append(PLAIN, pdfs.objects(root=b"/OpenAction " + SCRIPT))) is ACTIVE


@pytest.mark.parametrize(
    "content",
    [
        PLAIN[:-20],
        PLAIN.replace(b"startxref\n", b"startxref\n9"),
        PLAIN.replace(b"/Pages 2 0 R", b"/Pages 9 0 R"),
        PLAIN.replace(b"0 obj\n<< /Type /Page ", b"0 obj\n<< /Type /Page <<<<"),
        pdfs.write(pdfs.objects(b"[" * 100_000)),
        pdfs.write({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Kids [2 0 R] /Count 1 >>"}),
        b"%PDF-1.7\nstartxref\n0\n%%EOF\n",
    ],
)
def test_a_damaged_file_is_rejected(content: bytes) -> None:
    assert verdict_on(content) is DAMAGED


def test_circular_references_are_allowed() -> None:
    content = pdfs.write(pdfs.objects(b"[5 0 R]", b"<< /Parent 4 0 R /A 5 0 R >>", b"6 0 R"))
    assert verdict_on(content) in {Verdict.FINE, DAMAGED}


@pytest.mark.parametrize("password", ["", "secret"])
def test_an_encrypted_file_is_rejected(password: str) -> None:
    assert verdict_on(pdfs.encrypted(password)) is Verdict.PROTECTED_PDF


def test_a_pdf_that_is_also_an_archive_is_rejected() -> None:
    archive = BytesIO(PLAIN)
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("run.exe", b"MZ")
        file.comment = b"startxref\n9\n%%EOF\n"
    assert archive.getvalue().startswith(b"%PDF-")
    assert verdict_on(archive.getvalue()) is ACTIVE


@pytest.mark.once
def test_a_decompression_bomb_is_stopped_at_the_memory_limit(lower_limits: LowerLimits) -> None:
    memory = child.MEMORY // 3
    lower_limits(MEMORY=memory)
    upload(pdfs.bomb(1_000_000))
    content = pdfs.bomb(memory)
    assert len(content) < LARGEST
    with pytest.raises(ValidationError, match=r"too complex|damaged"):
        upload(content)


def test_inspecting_a_slow_file_takes_no_cpu_in_the_web_server() -> None:
    """Test a file of 1 MB that took an earlier scanner 8 seconds."""
    part = b"obj/ObjStm" + b"#41" * 400 + b" stream\n" * 100
    content = b"%PDF-1.7\n" + part * 496 + b"\nstartxref\n9\n%%EOF\n"
    start = process_time()
    with pytest.raises(ValidationError, match="is damaged"):
        upload(content)
    assert process_time() - start < 0.5


@pytest.mark.once
def test_a_file_with_20_000_objects_is_accepted(
    lower_limits: LowerLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a sixth of the time, and a third of the memory."""
    monkeypatch.setattr(process, "WALL_SECONDS", 120)  # other tests keep the machine busy
    lower_limits(CPU_SECONDS=1, MEMORY=child.MEMORY // 3)
    upload(pdfs.compressed(20_000))
    with pytest.raises(ValidationError, match="more than pages and links"):
        upload(pdfs.compressed(1_000, script=True))


def test_an_inspection_that_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WALL_SECONDS", 0.01)
    with pytest.raises(ValidationError, match="too complex to check"):
        upload(PLAIN)


def test_waiting_too_long_for_an_inspection_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WAIT_SECONDS", 0.01)
    with process.SLOT, pytest.raises(ValidationError, match="Try again in a minute"):
        upload(PLAIN)
    upload(PLAIN)


def test_inspections_leave_threads_for_pages() -> None:
    """Test that a fourth upload is rejected immediately, because each one blocks a thread."""
    with process.PLACES, process.PLACES, process.PLACES:  # noqa: SIM117 - three are taken here
        with pytest.raises(ValidationError, match="in a minute"):
            upload(PLAIN)
    upload(PLAIN)


def test_the_inspection_process_has_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test that the environment of the parser has no secrets."""
    monkeypatch.setenv("SECRET_KEY", "leaked")
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nenv > {tmp_path / 'env'}\n")
    python.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(python))
    upload(PLAIN)
    assert "leaked" not in (tmp_path / "env").read_text()


def test_a_packet_of_ours_is_accepted(support_request: SupportRequest) -> None:
    upload(render(packet_of(support_request)))


@pytest.mark.once
def test_a_file_printed_by_chromium_is_accepted(tmp_path: Path) -> None:
    path = chromium.find()
    assert path is not None, chromium.INSTRUCTION
    page, printed = tmp_path / "form.html", tmp_path / "form.pdf"
    page.write_text('<h1>Form</h1><a href="https://acme.example">Acme</a><a href="#end">End</a>')
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={printed}"]
    subprocess.run([path, *flags, str(page)], check=True, capture_output=True, timeout=60)
    start = monotonic()
    upload(printed.read_bytes())
    assert monotonic() - start < 30  # 0.1 s alone; other tests keep the machine busy


def test_a_pdf_is_added_to_a_request(as_rep: Client, sender: SenderNumber) -> None:
    url, token = reverse("whitelist_request"), str(uuid4())
    active = pdfs.write(pdfs.objects(root=b"/OpenAction " + WEB))
    for content, status in ((active, 422), (PLAIN, 302)):
        file = SimpleUploadedFile("form.pdf", content, "application/pdf")
        response = as_rep.post(url, DETAILS | {"form_token": token, "evidence_files": file})
        assert response.status_code == status
        if status == 422:
            assert "more than pages and links" in response.content.decode()
    assert Evidence.objects.get().size == len(PLAIN)
