"""Keys of Django's cache for what's kept about a search."""

from hashlib import sha256


def cache_key(kind: str, owner: object, text: str) -> str:
    """Return the key for an owner and a search, which may be longer than keys may be.

    The owner is a person where others may see other rows, and otherwise an organization.
    """
    return f"{kind}:{owner}:{sha256(text.encode()).hexdigest()}"
