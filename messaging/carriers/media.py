"""Download what came with a text from the carrier, and from nowhere else."""

from collections.abc import Sequence
from enum import Enum
from typing import IO

from messaging.carriers import CarrierError
from messaging.carriers.deadlines import Deadline
from messaging.carriers.session import BoundedSession, TooLargeError

# Twilio accepts up to 5 MB for a text, other carriers less.
LARGEST = 5 * 1024 * 1024
# In seconds, for all requests. A person waits, and so does a thread of the web server.
TIMEOUT = 8.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
GONE = frozenset({404, 410})


class Problem(Enum):
    """Why there's no file."""

    FOREIGN = "This file isn't at the carrier, so it can't be downloaded."
    GONE = "The carrier no longer has this file."
    TOO_LARGE = "This file is too large to download."
    UNAVAILABLE = "The carrier didn't send the file. Try again in a minute."

    @property
    def is_permanent(self) -> bool:
        return self is not Problem.UNAVAILABLE


class MediaError(Exception):
    """The file can't be downloaded, now or ever: see `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def download(
    session: BoundedSession,
    url: str,
    file: IO[bytes],
    *,
    headers: dict[str, str],
    may_lead_to: Sequence[str],
) -> None:
    """Write the content of a URL of the carrier's into the file.

    `headers` have our credentials. One redirect is followed, without them, to an address that
    begins with one of `may_lead_to`: a host with https, and a slash. Raises MediaError.
    """
    deadline = Deadline.after(TIMEOUT)
    status, target = _get(session, url, file, deadline, headers)
    if status in REDIRECTS:
        if not target.startswith(tuple(may_lead_to)):
            raise MediaError(Problem.FOREIGN)
        status, _ = _get(session, target, file, deadline, {})
    if status in GONE:
        raise MediaError(Problem.GONE)
    if not 200 <= status < 300:
        raise MediaError(Problem.UNAVAILABLE)


def _get(
    session: BoundedSession, url: str, file: IO[bytes], deadline: Deadline, headers: dict[str, str]
) -> tuple[int, str]:
    """Return the status, and where a redirect leads. Only a success is written into the file."""
    # Not compressed, because a small file can become a huge one.
    headers = {"Accept-Encoding": "identity", **headers}
    try:
        return session.download(
            url, file, largest=LARGEST, timeout=max(deadline.remaining(), 0.001), headers=headers
        )
    except TooLargeError as error:
        raise MediaError(Problem.TOO_LARGE) from error
    except CarrierError as error:
        raise MediaError(Problem.UNAVAILABLE) from error
