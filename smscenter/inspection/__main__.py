"""Inspect one file: `python -m smscenter.inspection PNG < upload > stored`.

`process.inspect` starts this for each upload. It imports neither Django nor settings, and sets its
limits before it reads the file.
"""

import os
import resource
import sys
from contextlib import suppress

from smscenter.inspection.verdict import Refused, Verdict

# Measured: 2.7 s for the largest image allowed, 0.2 s for a phone's photo, 0.1 s for a PDF.
CPU_SECONDS = 6
# Measured: 420 MB to rewrite the largest image, 230 MB for a PDF of 100,000 objects.
MEMORY = 700 * 1024 * 1024
# A rewritten image can be larger than the upload, such as a low-quality JPEG at quality 90.
OUTPUT = 20 * 1024 * 1024


def restrict() -> None:
    os.nice(5)  # Pages come first.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    with suppress(ValueError):  # macOS can't set this limit.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def inspect(kind: str, content: bytes) -> bytes:
    """Return the content to store. Raise Refused."""
    if kind == "pdf":
        from smscenter.inspection import pdf

        return pdf.inspect(content)
    from smscenter.inspection import image

    return image.rewrite(content, kind)


def main() -> Verdict:
    restrict()
    try:
        stored = inspect(sys.argv[1], sys.stdin.buffer.read())
        sys.stdout.buffer.write(stored)
        sys.stdout.buffer.flush()
    except Refused as refusal:
        return refusal.verdict
    except (MemoryError, OSError):
        return Verdict.TOO_COMPLEX
    return Verdict.FINE


if __name__ == "__main__":
    sys.exit(main())
