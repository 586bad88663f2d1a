"""Checks of settings that take more than a comparison."""

from ipaddress import ip_address

SHORTEST_SECRET_KEY = 32


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches the host. "0.0.0.0" and "*" stand for all others."""
    name = host.strip().strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
