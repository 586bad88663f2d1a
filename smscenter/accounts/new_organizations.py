"""How an organization begins: with what each app adds to it, and with its owner."""

from collections.abc import Callable

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.text import slugify

from smscenter.accounts.models import Organization, User
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


def welcome_path(user: User) -> str:
    """Return a link with which someone without a password sets one. It works once."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("welcome", args=[uid, default_token_generator.make_token(user)])


def _free_slug(name: str) -> str:
    slug = slugify(name)[:LONGEST_SLUG] or "organization"
    used = {*Organization.objects.filter(slug__startswith=slug).values_list("slug", flat=True)}
    number = 2
    free = slug
    while free in used:
        free, number = f"{slug}-{number}", number + 1
    return free
