"""What `manage.py check --deploy` says about this installation."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004


@register(Tags.security, deploy=True)
def check_proxies(**_options: Any) -> list[CheckMessage]:
    """Warn of a proxy that ends TLS and isn't counted: everybody would have its address."""
    if settings.TRUSTED_PROXIES or not settings.HTTPS:
        return []
    return [
        Warning(
            "PUBLIC_URL is https, but TRUSTED_PROXIES is 0.",
            hint="Set it to the number of proxies in front. Without it all visitors count as one"
            " client, and ten wrong passwords lock an account for everybody.",
            id="smscenter.W001",
        )
    ]
