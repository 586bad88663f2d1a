"""Consent: what a person agreed to, as evidence.

Database triggers keep records from being changed or deleted (migrations/consent_*.sql). A newer
record supersedes an older one. Only the user who recorded it can be cleared, when that user is
deleted; the name stays. To erase a person's data, delete the number first, with SQL.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Self
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Index
from django.db.models.functions import Now
from django.utils import timezone

from messaging.models.recipient import Recipient
from smscenter.accounts.models import MadeByForm, Organization, OwnedQuerySet, User, once


class ConsentQuerySet(OwnedQuerySet["Consent"]):
    def current(self) -> Self:
        """Return the records that none supersedes, the latest consent first."""
        return self.filter(superseded_by=None).order_by("-given", "-id")

    def by_phone(self, organization: Organization, phones: Iterable[str]) -> dict[str, "Consent"]:
        """Return the current record of each of these numbers (E.164) that has one."""
        rows = (
            self.current()
            .with_related("recipient__phone")
            .filter(recipient__organization=organization, recipient__phone__in=set(phones))
        )
        return {row.recipient.phone: row for row in reversed(list(rows))}

    def of_recipients(self, recipients: Collection[Recipient]) -> dict[str, "Consent"]:
        """Return the same for recipients that were read already."""
        phones = {each.pk: each.phone for each in recipients}
        rows = list(self.current().filter(recipient__in=list(recipients))) if recipients else []
        return {phones[row.recipient_id]: row for row in reversed(rows)}

    @transaction.atomic
    def record(  # noqa: PLR0913 - the fields of the row
        self,
        organization: Organization,
        phone: str,
        *,
        method: str,
        wording: str,
        version: str = "",
        given: datetime | None = None,
        place: str = "",
        page: str = "",
        recorded_by: User | None = None,
        corrects: bool = False,
        ends_opt_outs: bool = True,
        form_token: UUID | None = None,
    ) -> "Consent":
        """Record consent as evidence, and end the person's earlier opt-outs of this organization.

        It supersedes the number's current record, unless that one is about a later consent, as when
        old records are imported. With `corrects`, it supersedes that one too.
        """
        recipient = Recipient.objects.for_phone(organization, phone)
        # Locked, so that two records at the same moment supersede one after the other.
        recipient = Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
        given = given or timezone.now()
        current = self.filter(recipient=recipient).current().first()
        is_newer = current is not None and (corrects or current.given <= given)
        consent = self.create(
            organization=organization,
            recipient=recipient,
            given=given,
            method=method,
            wording=wording,
            version=version,
            place=place,
            page=page,
            recorded_by=recorded_by,
            recorded_by_name=str(recorded_by or "")[:150],
            supersedes=current if is_newer else None,
            form_token=form_token,
        )
        if ends_opt_outs:
            recipient.opt_outs.filter(created__lte=given).end(f"New consent: {method}")
        return consent

    @transaction.atomic
    def record_imported(
        self, organization: Organization, records: Iterable[tuple[str, "Consent"]], by: User
    ) -> None:
        """Record consent from a file: numbers (E.164), each with an unsaved record.

        Unlike `record`, it never ends an opt-out, because a list can be older than it says. A
        record that the number has already isn't recorded again.
        """
        found = sorted(records, key=lambda each: each[1].given)
        recipients = Recipient.objects.for_phones(organization, [phone for phone, _ in found])
        rows = self.filter(recipient__in=recipients.values())
        known = {(row.recipient_id, row.agreement) for row in rows}
        current = {row.recipient_id: row for row in reversed(list(rows.current()))}
        while found:
            # One of each number at a time, because it may supersede the one before.
            wave: dict[int, Consent] = {}
            later = []
            for phone, consent in found:
                recipient = recipients[phone]
                if recipient.pk in wave:
                    later.append((phone, consent))
                elif (recipient.pk, consent.agreement) not in known:
                    known.add((recipient.pk, consent.agreement))
                    consent.organization, consent.recipient = organization, recipient
                    consent.recorded_by, consent.recorded_by_name = by, str(by)[:150]
                    former = current.get(recipient.pk)
                    if former and former.given <= consent.given:
                        consent.supersedes = former
                    wave[recipient.pk] = consent
            self.bulk_create(wave.values())
            superseding = (
                (pk, row) for pk, row in wave.items() if pk not in current or row.supersedes
            )
            current |= dict(superseding)
            found = later


class Consent(MadeByForm):
    """A person's agreement to be texted: who, when, how, where, and the wording they saw."""

    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, db_index=False, related_name="consents"
    )
    given = models.DateTimeField(
        "agreed on", default=timezone.now, help_text="When the person agreed."
    )
    method = models.CharField("how", max_length=120, help_text="For example, a web form or a call.")
    wording = models.TextField(
        blank=True, max_length=4000, help_text="What the person agreed to, word for word."
    )
    version = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="Version of the wording, if you have several.",
    )
    place = models.CharField(
        "where",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="For example, the store or the trade show.",
    )
    page = models.URLField("web page", blank=True)
    recorded = models.DateTimeField(default=timezone.now, db_default=Now())
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    recorded_by_name = models.CharField(
        "recorded by", max_length=150, blank=True, default="", db_default=""
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            once("consent_form_token"),
        ]
        indexes = [
            Index(fields=["recipient"], name="consent_recipient"),
            Index(fields=["organization", "-given"], name="consent_given"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} ({self.method})"

    @property
    def agreement(self) -> tuple[datetime, str, str, str]:
        """Return what a record is about: a number can have two of the same agreement."""
        return self.given, self.method, self.place, self.wording

    def clean(self) -> None:
        if self.given > timezone.now():
            raise ValidationError({"given": "This is in the future."})
