"""A toast with an Undo button on the next page. It works without JavaScript, too."""

from dataclasses import asdict, dataclass

from django.http import HttpRequest

SESSION_KEY = "undo_toast"


@dataclass(frozen=True)
class UndoToast:
    """What happened, and the URL that a POST to undoes it."""

    text: str
    url: str


def offer(request: HttpRequest, text: str, url: str) -> None:
    request.session[SESSION_KEY] = asdict(UndoToast(text, url))


def take(request: HttpRequest) -> UndoToast | None:
    """Return what to offer on this page, once."""
    if SESSION_KEY not in request.session:
        return None
    return UndoToast(**request.session.pop(SESSION_KEY))
