import re
import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, UniqueConstraint
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from leads.models import e164_constraint
from leads.phones import Phone
from messaging.models.message import SmsMessage
from smscenter.accounts.models import Owned, OwnedQuerySet, User

SALT = "messaging.phone_verification"
DIGITS = 6
# What's stored in place of a code. The worker writes the code into the text that it sends.
HIDDEN_CODE = "*" * DIGITS
TEXT = f"{HIDDEN_CODE} is your SMS Center code. It works for 10 minutes. Not you? Reply STOP."
CODE_IN_TEXT = re.compile(r"\d{6}(?= is your SMS Center code)")


def without_codes(value: Any) -> Any:
    """Return what a carrier responded without codes: carriers repeat the text that they got."""
    match value:
        case str():
            return CODE_IN_TEXT.sub(HIDDEN_CODE, value)
        case dict():
            return {name: without_codes(part) for name, part in value.items()}
        case list() | tuple():
            return [without_codes(part) for part in value]
    return value


class PhoneVerificationQuerySet(OwnedQuerySet["PhoneVerification"]):
    def verified(self) -> Self:
        """Return the verified phones of people who are still members."""
        members = Q(user__organization=F("organization"), user__is_active=True)
        return self.filter(members, verified__isnull=False)

    def latest_of(self, user: User) -> "PhoneVerification | None":
        """Return the code that the user got last, unless it was entered."""
        return self.visible_to(user).filter(user=user, verified=None).order_by("-pk").first()


class PhoneVerification(Owned):
    """A code that a member got by text, and once it was entered, the member's verified phone.

    The code is derived from `key` and SECRET_KEY, so that no one can read it in the database. Old
    rows say how many codes a phone, a person, and an organization got.
    """

    LASTS = timedelta(minutes=10)
    MOST_TRIES = 5

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    phone = models.CharField(max_length=16)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    # None if the phone opted out of the trial's number elsewhere, which the page doesn't say.
    message = models.OneToOneField(
        SmsMessage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField(default=timezone.now)
    verified = models.DateTimeField(null=True, blank=True)

    objects = PhoneVerificationQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["user"], condition=Q(verified__isnull=False), name="verified_phone"
            ),
            e164_constraint("phone", "verified_phone_e164"),
            models.CheckConstraint(name="phone_tries", condition=Q(tries__lte=5)),
        ]
        indexes = [
            models.Index(fields=["created"], name="phone_code_created"),
            models.Index(fields=["user", "created"], name="phone_code_user"),
            models.Index(
                fields=["organization", "phone"],
                condition=Q(verified__isnull=False),
                name="verified_phones",
            ),
        ]

    def __str__(self) -> str:
        return self.phone

    @property
    def number(self) -> Phone:
        return Phone(self.phone)

    @property
    def code(self) -> str:
        digest = salted_hmac(SALT, str(self.key), algorithm="sha256").digest()
        return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}}"

    def is_open(self, at: datetime | None = None) -> bool:
        """Return whether its code can still be entered."""
        is_late = (at or timezone.now()) >= self.created + self.LASTS
        return self.verified is None and not is_late and self.tries < self.MOST_TRIES

    def matches(self, typed: str) -> bool:
        """Count a try, and return whether it's the code. The caller has locked the row."""
        self.tries += 1
        self.save(update_fields=["tries"])
        return constant_time_compare("".join(typed.split()), self.code)
