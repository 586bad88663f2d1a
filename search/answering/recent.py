"""The searches that a person ran lately, in their session: they end when it does."""

from django.http import HttpRequest

SESSION_KEY = "recent_searches"
MOST = 6
LONGEST = 200


def add(request: HttpRequest, model: str, text: str) -> None:
    """Remember a search that worked."""
    recent = of(request, model)
    if not text or len(text) > LONGEST or recent[:1] == [text]:
        return
    newest = [text, *(each for each in recent if each != text)][:MOST]
    stored = request.session.get(SESSION_KEY, {})
    request.session[SESSION_KEY] = stored | {model: newest}


def of(request: HttpRequest, model: str) -> list[str]:
    """Return the searches of a list, the newest first."""
    found: list[str] = request.session.get(SESSION_KEY, {}).get(model, [])
    return found
