"""Files that hold secrets or customers' data: only the account that runs SMS Center reads them."""

from contextlib import suppress
from pathlib import Path

OTHERS = 0o077


def create(path: Path) -> None:
    """Make an empty file, unless it is there or its folder is not.

    SQLite gives the -wal and -shm files beside a database the mode of the database.
    """
    with suppress(FileExistsError, FileNotFoundError):
        path.touch(mode=0o600, exist_ok=False)


def is_private(path: Path) -> bool:
    """Return whether other users of this machine are kept out. A missing file is private."""
    try:
        return not path.stat().st_mode & OTHERS
    except FileNotFoundError:
        return True
