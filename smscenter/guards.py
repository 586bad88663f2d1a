"""Checks of settings."""

from ipaddress import ip_address

SHORTEST_SECRET_KEY = 32


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the host. "0.0.0.0" and "*" mean everyone."""
    name = host.strip().strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
