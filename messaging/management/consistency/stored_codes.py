"""Check the error codes stored with texts against their attempts, and repair them.

Python stores them when a carrier reports a failure. Other writers can miss that, such as an earlier
version that still runs during an upgrade.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, Concat, StrIndex

from messaging.models import Attempt, SmsMessage
from smscenter.accounts.models import Organization

# Texts in one transaction, for which their writers wait.
LOCKED = 500
LINE = Value("\n")


@dataclass(frozen=True)
class Drift:
    """One text that lacks a code of its attempts."""

    text: int
    stored: str | None
    true: str | None

    def __str__(self) -> str:
        return f"text {self.text}: codes are {_list(self.stored)}, should be {_list(self.true)}"


def _list(codes: str | None) -> str:
    return codes.replace("\n", ", ") if codes else "None"


def check(organizations: QuerySet[Organization], *, repair: bool = False) -> Iterator[Drift]:
    """Find texts that lack codes, and optionally add them. Only attempts with codes are read.

    Nobody waits while they're read. A code that no attempt has anymore stays: a later report may
    have replaced it.
    """
    stored = Concat(LINE, Coalesce("message__codes", Value("")), LINE)
    lacking = (
        Attempt.objects.filter(organization__in=organizations)
        .exclude(code="")
        .annotate(found=StrIndex(stored, Concat(LINE, "code", LINE)))
        .filter(found=0)
    )
    texts = list(lacking.order_by("message").values_list("message", flat=True).distinct())
    for start in range(0, len(texts), LOCKED):
        yield from _locked(texts[start : start + LOCKED], repair=repair)


def _locked(texts: list[int], *, repair: bool) -> list[Drift]:
    """Lock these texts in a transaction of their own, and compare them again."""
    drifts = []
    with transaction.atomic():
        # In the same order as all who lock several texts.
        rows = SmsMessage.objects.filter(pk__in=texts).order_by("lead_id", "pk")
        locked = list(rows.select_for_update(of=("self",), no_key=True))
        codes: dict[int, list[str]] = defaultdict(list)
        attempts = Attempt.objects.filter(message__in=texts).order_by("message", "number")
        for message, code in attempts.values_list("message", "code"):
            codes[message].append(code)
        for text in locked:
            true = _true_codes(text, codes[text.pk])
            if true != text.codes:
                drifts.append(Drift(text.pk, text.codes, true))
                if repair:
                    SmsMessage.objects.filter(pk=text.pk).update(codes=true)
    return drifts


def _true_codes(text: SmsMessage, codes: list[str]) -> str | None:
    """Return the text's codes and those that it lacks. If there are too many, the newest count."""
    newest, all_of_them = SmsMessage(), SmsMessage(codes=text.codes)
    for code in codes:
        newest.codes = newest.codes_with(code)
    needed = _lines(newest)
    if set(needed) <= set(_lines(text)):
        return text.codes
    for code in needed:
        all_of_them.codes = all_of_them.codes_with(code)
    return all_of_them.codes if set(needed) <= set(_lines(all_of_them)) else newest.codes


def _lines(text: SmsMessage) -> list[str]:
    return text.codes.split("\n") if text.codes else []
