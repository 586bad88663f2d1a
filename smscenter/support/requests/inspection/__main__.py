"""Inspect one file: `python -m smscenter.support.inspection png < upload > what-is-stored`.

`process.inspect` starts this for each upload. It imports no Django and knows no setting, and the
limits are set before anything of the file is read.
"""

import os
import resource
import sys
from contextlib import suppress

from smscenter.support.requests.inspection.verdict import Refused, Verdict

# The largest image that is taken needs 2.7 s here, a phone's photo 0.2 s, a PDF 0.1 s.
CPU_SECONDS = 6
# The largest image takes 420 MB while it is written again, a PDF of 100,000 objects 230 MB.
MEMORY = 700 * 1024 * 1024
# An image may be larger when it is written again: a JPEG of low quality, at quality 90.
OUTPUT = 20 * 1024 * 1024


def restrict() -> None:
    os.nice(5)  # People who look at pages go first.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    with suppress(ValueError):  # macOS has this limit and cannot set it.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def inspect(kind: str, content: bytes) -> bytes:
    """Return what is to be stored of it. Raises Refused."""
    if kind == "pdf":
        from smscenter.support.requests.inspection import pdf

        return pdf.inspect(content)
    from smscenter.support.requests.inspection import image

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
