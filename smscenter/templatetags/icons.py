"""The tags of heroicons, with their SVG kept: building it copies a tree each time."""

from functools import lru_cache

from django import template
from heroicons.templatetags import heroicons

register = template.Library()

for tag in (
    heroicons.heroicon_micro,
    heroicons.heroicon_mini,
    heroicons.heroicon_outline,
    heroicons.heroicon_solid,
):
    register.simple_tag(lru_cache(maxsize=500)(tag), name=tag.__name__)
