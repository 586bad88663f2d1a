"""Room on Python's stack for a whole request.

Python keeps frames in chunks of 16 KB, and frees a chunk as soon as it's empty. A request needs two
or three. A loop whose calls cross the end of one allocates it for each call, and pages are full of
loops: at an unlucky depth of the stack, a list takes twice as long. A frame that's larger than a
chunk gets one of its own, and what it calls fits in the rest: half of 128 KB. The deepest page
needs 32.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

Response = Callable[[HttpRequest], HttpResponseBase]
WORDS = 8_000  # of 8 bytes


def stack_room(get_response: Response) -> Response:
    """Middleware: call the rest with a frame that reserves the room, and doesn't use it."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    respond.__code__ = respond.__code__.replace(co_stacksize=WORDS)
    return respond
