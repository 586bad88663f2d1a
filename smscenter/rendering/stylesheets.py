"""The stylesheet: a file for each layer, which the browser gets as one.

`static/css/app.css` imports the others. The finder joins them, for the development server and for
`collectstatic` alike, so no page waits for a second request. Browsers get neither comments nor
indentation, a sixth of the compressed file.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

SHEET = "css/app.css"
IMPORT = re.compile(r'^@import url\("([\w.]+)"\);$', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INDENTATION = re.compile(r"\n\s*")


def joined(sheet: Path) -> str:
    """Return the sheet with the files that it imports in place of the imports."""
    return smaller(
        IMPORT.sub(lambda match: (sheet.parent / match[1]).read_text(), sheet.read_text())
    )


def smaller(css: str) -> str:
    """Return the sheet without comments and indentation."""
    return INDENTATION.sub("\n", COMMENT.sub("", css))


class StylesheetFinder(FileSystemFinder):
    """Find the files of STATICFILES_DIRS, and the joined sheet in place of `app.css`."""

    storage = FileSystemStorage(location=settings.VAR_DIR / "stylesheets")

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        found = super().find_location(root, path, prefix)
        return self._join(Path(found)) if found and path == SHEET else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        for path, storage in super().list(ignore_patterns):
            if path == SHEET:
                self._join(Path(storage.path(path)))
                yield path, self.storage
            elif Path(path).parent != Path(SHEET).parent:
                yield path, storage

    def _join(self, sheet: Path) -> str:
        """Write the joined sheet unless it is up to date. Return its path."""
        target = Path(self.storage.path(SHEET))
        css = joined(sheet)
        if not target.exists() or target.read_text() != css:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_suffix(f".{os.getpid()}")
            draft.write_text(css)
            draft.replace(target)
        return str(target)
