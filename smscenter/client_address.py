"""The client address that limits count by and logs show."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# Requests without any address share this one, such as those from a Unix socket.
UNKNOWN = "0.0.0.0"  # noqa: S104 - nothing is bound to it
# An IPv6 customer gets at least a /64, so its last 64 bits are theirs to choose.
INTERFACE_BITS = 64


def client_address(request: HttpRequest) -> str:
    """Return the client's address; an IPv6 client is the first address of its /64.

    Each of the TRUSTED_PROXIES in front appends the address that it saw to X-Forwarded-For, so
    the client is that many entries from the right. The client wrote everything to the left of it.
    A header that is too short or unreadable didn't pass the proxies: then the peer is the client.
    """
    hops: int = settings.TRUSTED_PROXIES
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    forwarded = _parse(entries[-hops]) if 0 < hops <= len(entries) else None
    address = forwarded or _parse(request.META.get("REMOTE_ADDR", ""))
    return _network(address) if address else UNKNOWN


def _parse(entry: str) -> IPv4Address | IPv6Address | None:
    """Read an address, even with a port, which some load balancers append."""
    text = entry.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _network(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> INTERFACE_BITS << INTERFACE_BITS))
