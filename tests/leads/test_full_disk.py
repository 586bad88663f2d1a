"""When the disk for uploaded files is full, people read why, and no part of a file is left."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leads.models import LeadImport


def half(*_: Any) -> Iterator[bytes]:
    yield b"Name\n"
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.once
def test_an_upload_to_a_full_disk_leaves_nothing_behind(
    as_manager: Client, private_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(File, "chunks", half)
    file = SimpleUploadedFile("leads.csv", b"Name\nAda\n")
    response = as_manager.post("/leads/import/", {"file": file})
    assert response.status_code == 503
    assert "The server's disk is full." in response.content.decode()
    assert not [path for path in private_files.rglob("*") if path.is_file()]
    assert not LeadImport.objects.exists()
