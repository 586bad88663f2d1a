"""Files with secrets or customer data, readable only by the account that runs SMS Center."""

from contextlib import suppress
from pathlib import Path

OTHERS = 0o077


def create(path: Path) -> None:
    """Create an empty file, unless it exists or its folder doesn't.

    SQLite gives the -wal and -shm files of a database the same mode as the database.
    """
    with suppress(FileExistsError, FileNotFoundError):
        path.touch(mode=0o600, exist_ok=False)


def is_private(path: Path) -> bool:
    """Return whether only the owner can access the file. A missing file is private."""
    try:
        return not path.stat().st_mode & OTHERS
    except FileNotFoundError:
        return True
