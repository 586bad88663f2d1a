"""HTML of errors, warnings, and hints."""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


def with_code(text: str) -> SafeString:
    """Mark up text in backticks as code."""
    return mark_safe(re.sub("`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S308  # escaped before
