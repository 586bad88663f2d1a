"""The tags of heroicons, with their SVG kept: building it copies a tree each time."""

from contextlib import nullcontext
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

import heroicons as package
from django import template
from heroicons.templatetags import heroicons

register = template.Library()


@cache
def archive() -> ZipFile:
    """Return the file of all icons, in memory: forked processes would share a position in it."""
    return ZipFile(BytesIO((files("heroicons") / "heroicons.zip").read_bytes()))


# heroicons opens it for each icon, and reads the names of all 1,288 icons each time.
package.ZipFile = lambda *_: nullcontext(archive())  # type: ignore[assignment,attr-defined]

for tag in (
    heroicons.heroicon_micro,
    heroicons.heroicon_mini,
    heroicons.heroicon_outline,
    heroicons.heroicon_solid,
):
    register.simple_tag(lru_cache(maxsize=500)(tag), name=tag.__name__)
