"""How long people wait for the database in a search, by what they wait for.

docs/operations.md explains each limit.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

# In seconds.
DEFAULTS = {
    "quick": 0.25,
    "rows": 5.0,
    "count": 0.1,
    "late_count": 2.0,
    "selection": 5.0,
    "export": 15.0,
    "suggestions": 0.5,
    "fixes": 0.3,
    "trail": 0.5,
    "view": 0.3,
    "completion": 0.03,
    "looking": 0.05,
    "palette": 0.5,
    "article": 0.5,
    "similar": 0.5,
    "admin": 5.0,
}


def read(env: Env) -> dict[str, Any]:
    """Return the settings by name. Raises ImproperlyConfigured for an invalid one."""
    seconds = env.float("SEARCH_TIMEOUT_SECONDS", default=5, validate=validate.Range(min=0.001))
    changed: dict[str, float] = env.dict("SEARCH_SECONDS", subcast_values=float, default={})
    if unknown := sorted(changed.keys() - DEFAULTS.keys()):
        raise ImproperlyConfigured(
            f"SEARCH_SECONDS has {unknown[0]!r}, which isn't one of {', '.join(DEFAULTS)}."
        )
    if wrong := sorted(name for name, each in changed.items() if not each > 0):
        raise ImproperlyConfigured(f"SEARCH_SECONDS has no positive number for {wrong[0]!r}.")
    return {"SEARCH_SECONDS": DEFAULTS | {"rows": seconds, "selection": seconds} | changed}
