"""Where uploaded files are stored."""

from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from smscenter.middleware.full_disk import is_disk_full


class PrivateStorage(FileSystemStorage):
    """Leave no part of a file behind when the disk is full: no row would name it."""

    def _save(self, name: str, content: File[Any]) -> str:
        try:
            return super()._save(name, content)  # type: ignore[misc, no-any-return] # private
        except OSError as error:
            if is_disk_full(error):
                self.delete(name)
            raise
