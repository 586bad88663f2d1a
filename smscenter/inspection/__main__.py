"""Inspect one file: `python -m smscenter.inspection PNG < upload > stored`.

`process.inspect` starts this for each upload. It imports neither Django nor settings, and sets its
limits before it reads the file.
"""

import os
import resource
import sys
from collections.abc import Iterable
from contextlib import suppress

from smscenter.inspection.verdict import Refused, Verdict

# Measured: 2.7 s for the largest image allowed, 0.2 s for a phone's photo, 0.1 s for a PDF.
CPU_SECONDS = 6
# Measured: 420 MB to rewrite the largest image, 230 MB for a PDF of 100,000 objects.
MEMORY = 700 * 1024 * 1024
# A rewritten image can be larger than the upload, such as a low-quality JPEG at quality 90.
OUTPUT = 20 * 1024 * 1024
# Measured: 13 s and 50 MB for a workbook of 100,000 rows of 8 cells.
WORKBOOK = "workbook"
WORKBOOK_CPU_SECONDS = 150
WORKBOOK_OUTPUT = 500 * 1024 * 1024


def restrict(kind: str) -> None:
    is_workbook = kind == WORKBOOK
    seconds = WORKBOOK_CPU_SECONDS if is_workbook else CPU_SECONDS
    output = WORKBOOK_OUTPUT if is_workbook else OUTPUT
    os.nice(5)  # Pages come first.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    with suppress(ValueError):  # macOS can't set this limit.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def inspect(kind: str, content: bytes) -> Iterable[bytes]:
    """Return the content to store, in parts. Raise Refused."""
    if kind == WORKBOOK:
        from smscenter.inspection import workbook

        return workbook.rows(content)
    if kind == "pdf":
        from smscenter.inspection import pdf

        return [pdf.inspect(content)]
    from smscenter.inspection import image

    return [image.rewrite(content, kind)]


def main() -> Verdict:
    kind = sys.argv[1]
    restrict(kind)
    try:
        sys.stdout.buffer.writelines(inspect(kind, sys.stdin.buffer.read()))
        sys.stdout.buffer.flush()
    except Refused as refusal:
        return refusal.verdict
    except (MemoryError, OSError):
        return Verdict.TOO_COMPLEX
    return Verdict.FINE


if __name__ == "__main__":
    sys.exit(main())
