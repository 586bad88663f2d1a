"""What support checks before it sends a whitelist request to the carrier: warnings first."""

from collections.abc import Iterator
from dataclasses import dataclass

from messaging.composing import spam_marks
from smscenter.support.models import SupportRequest
from smscenter.support.requests.warnings import warnings
from smscenter.support.review.dossier import Dossier


@dataclass(frozen=True)
class Check:
    """A sentence about the request, and whether it speaks for it."""

    is_ok: bool
    text: str


@dataclass(frozen=True)
class Checklist:
    checks: list[Check]

    @property
    def passed(self) -> int:
        return sum(check.is_ok for check in self.checks)

    @property
    def warned(self) -> int:
        return len(self.checks) - self.passed


def checklist(dossier: Dossier) -> Checklist:
    request = dossier.support_request
    checks = [Check(is_ok=False, text=text) for text in warnings(request)]
    checks += [_consent(dossier), *_facts(request)]
    return Checklist(sorted(checks, key=lambda check: check.is_ok))


def _consent(dossier: Dossier) -> Check:
    """Return how many recipients have consent on record, which carriers may ask for."""
    everyone = len(dossier.recipients)
    known = sum(bool(row.consents) for row in dossier.recipients)
    proof = len(dossier.support_request.evidence.all())
    files = f"{proof} file{'' if proof == 1 else 's'} as proof of opt-in."
    if everyone and known == everyone:
        return Check(is_ok=True, text="Consent is on record for all recipients.")
    if proof:
        return Check(is_ok=True, text=files)
    known_of = f"Consent is on record for {known} of {everyone} recipients"
    consent = known_of if known else "There's no consent on record"
    return Check(is_ok=False, text=f"{consent}, and no proof is attached.")


def _facts(request: SupportRequest) -> Iterator[Check]:
    if request.sender is not None:
        is_registered = request.sender.registered
        words = "is registered" if is_registered else "isn't registered"
        yield Check(is_ok=is_registered, text=f"The number {words} with the carriers.")
    explains = bool(request.opt_out_wording) or "stop" in request.examples.lower()
    words = "explain" if explains else "don't explain"
    yield Check(is_ok=explains, text=f"The texts {words} how to opt out.")
    if not spam_marks.find(request.examples):
        yield Check(is_ok=True, text="The examples have nothing that spam filters look for.")
