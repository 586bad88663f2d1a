"""What people are notified of. Apps register the kinds in their hooks (docs/extend.md)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from smscenter.accounts.models import User
from smscenter.accounts.pages.destinations import is_member
from smscenter.registry import Registry


class MailChoice(models.TextChoices):
    EACH = "each", "Each"
    DIGEST = "digest", "Daily summary"
    NONE = "none", "None"


@dataclass(frozen=True)
class Description:
    """What a notification says: a sentence, what a person wrote, and the page to go to.

    `details` is more than the sentence says, for an email, above what a person wrote. `reason` is
    the label of why a text failed. `subject` is that of an email about it alone, by
    default the sentence. `reply_to` is where replies to that email go, if they have a place.
    `several` returns the sentence for a number of them at the same place.
    """

    sentence: str
    url: str
    note: str = ""
    reason: str = ""
    subject: str = ""
    details: str = ""
    reply_to: str = ""
    several: Callable[[int], str] | None = None


@dataclass(frozen=True)
class Mailing:
    """The words of an email."""

    to: str
    subject: str
    text: str
    html: str
    reply_to: str = ""


@dataclass(frozen=True)
class Kind:
    """Something that people are notified of.

    `describe` gets notifications of this kind and returns what they say, by ID, in a fixed number
    of queries. It leaves out those whose subject is gone. `too_many` is the sentence if there are
    more in an hour than anyone reads, with a link to `all_page`. A kind with `settings_of` has no
    settings of its own, but those of another kind. With `keep_mail`, each is mailed alone, and
    the function stores the email.
    """

    name: str
    label: str
    icon: str
    describe: Callable[[Sequence[Any]], Mapping[int, Description]]
    too_many: str
    all_page: str
    mail: MailChoice = MailChoice.NONE
    desktop: bool = False
    is_for: Callable[[User], bool] = is_member
    settings_of: str = ""
    keep_mail: Callable[[Any, Mailing], None] | None = None

    @property
    def settings_name(self) -> str:
        return self.settings_of or self.name


kinds: Registry[Kind] = Registry(key=lambda kind: kind.name)


def kinds_for(user: User) -> list[Kind]:
    """Return the kinds that concern a user."""
    return [kind for kind in kinds if kind.is_for(user)]
