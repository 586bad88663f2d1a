"""How an organization begins: with what each app adds to it."""

from collections.abc import Callable

from django.db import transaction
from django.utils.text import slugify

from smscenter.accounts.models import Organization
from smscenter.registry import Registry

# What apps add to a new organization, such as its lead statuses.
when_created: Registry[Callable[[Organization], None]] = Registry()
LONGEST_SLUG = 40


def create(name: str, time_zone: str) -> Organization:
    with transaction.atomic():
        organization = Organization.objects.create(
            name=name, slug=_free_slug(name), time_zone=time_zone
        )
        for add in when_created:
            add(organization)
    return organization


def _free_slug(name: str) -> str:
    slug = slugify(name)[:LONGEST_SLUG] or "organization"
    used = {*Organization.objects.filter(slug__startswith=slug).values_list("slug", flat=True)}
    number = 2
    free = slug
    while free in used:
        free, number = f"{slug}-{number}", number + 1
    return free
