"""What messaging adds to imports: columns of consent, and lists of opt-outs."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from leads.imports import values
from leads.imports.columns import Column, ColumnGroup, Parsed, Problem, column_groups
from leads.imports.kinds import ImportKind, Tally, import_kinds
from leads.imports.lead_columns import looks_like_phone
from leads.imports.matching import phones_of, repeated
from leads.models import ImportRow, LeadImport
from messaging.models import Consent, OptOut, Recipient
from messaging.models.recipient import storable
from smscenter.accounts.models import User

KEYS = ("consent_given", "consent_method", "consent_place", "consent_wording")
INCOMPLETE = "Consent needs a phone number, a date, and how the person agreed."
FUTURE = "This date is in the future."

CONSENT = (
    Column(
        "consent_given", "Consent: date", values.moment,
        ("consent date", "consent", "opt in date", "opted in", "opted in at", "consent given"),
        "Consent",
    ),
    Column(
        "consent_method", "Consent: how", values.line(120),
        ("consent method", "opt in method", "how they agreed", "consent type"), "Consent",
    ),
    Column(
        "consent_place", "Consent: source", values.line(200),
        ("consent source", "opt in source", "where they agreed"), "Consent",
    ),
    Column(
        "consent_wording", "Consent: wording", values.text(4000),
        ("consent wording", "consent text", "opt in text"), "Consent",
    ),
)  # fmt: skip
OPT_OUT = (
    Column(
        "phone", "Phone number", values.phone_numbers,
        ("phone", "phone number", "mobile", "mobile phone", "cell", "number", "recipient", "to"),
        "Opt-out", is_many=True, looks_like=looks_like_phone,
    ),
    Column(
        "opted_out", "Date of the opt-out", values.moment,
        ("date", "opt out date", "opted out on", "opted out at", "unsubscribed", "unsubscribed at"),
        "Opt-out",
    ),
    Column(
        "words", "Their words", values.line(200),
        ("words", "message", "text", "reason", "note", "notes", "comment"), "Opt-out",
    ),
)  # fmt: skip


def check_consent(parsed: Parsed) -> None:
    """Say what's missing, and leave out consent that wouldn't be evidence."""
    if not any(parsed.values.get(key) for key in KEYS):
        return
    given: datetime | None = parsed.values.get("consent_given")
    problem = ""
    if not (given and parsed.values.get("consent_method") and phones_of(parsed)):
        problem = INCOMPLETE
    elif given > timezone.now():
        problem = f"Consent: {FUTURE[0].lower()}{FUTURE[1:]}"
    if problem:
        parsed.problems.append(Problem("consent", problem))
        parsed.values.pop("consent_given", None)


def store_consent(job: LeadImport, by: User, batch: list[Parsed]) -> None:
    records = [
        (phone.e164, _consent(parsed))
        for parsed in batch
        if parsed.values.get("consent_given")
        for _, phone in phones_of(parsed)
    ]
    if records:
        Consent.objects.record_imported(job.organization, records, by)


def _consent(parsed: Parsed) -> Consent:
    return Consent(
        given=parsed.values["consent_given"],
        method=parsed.values["consent_method"],
        place=parsed.values.get("consent_place", ""),
        wording=parsed.values.get("consent_wording", ""),
    )


COLUMNS = ColumnGroup("consent", CONSENT, check_consent, store_consent)


def check_opt_out(parsed: Parsed) -> None:
    """Leave out a row without a number that can be opted out."""
    at: datetime | None = parsed.values.get("opted_out")
    if at and at > timezone.now():
        del parsed.values["opted_out"]
        parsed.problems.append(Problem("date", FUTURE))
    if parsed.values.get("phone") or parsed.is_rejected:
        return
    of_phone = [problem for problem in parsed.problems if problem.code == "phone"]
    for problem in of_phone:
        problem.is_fatal = True
    if not of_phone:
        parsed.problems.append(Problem("nothing", "Has no phone number.", is_fatal=True))


def _in_force(job: LeadImport, batch: list[Parsed]) -> set[str]:
    """Return the numbers in these rows that are opted out of the whole organization."""
    phones = [phone.e164 for parsed in batch for phone in parsed.values["phone"]]
    rows = OptOut.objects.visible_in(job.organization_id).in_force()
    rows = rows.filter(certain=True, sender=None, service="", recipient__phone__in=phones)
    return set(rows.values_list("recipient__phone", flat=True))


def plan_opt_outs(job: LeadImport, batch: list[Parsed]) -> Tally:
    good = [parsed for parsed in batch if not parsed.is_rejected]
    known = _in_force(job, good)
    job.match_on = [LeadImport.MatchOn.PHONE]
    again = repeated(job, good)
    skipped = sum(
        parsed.number in again or all(phone.e164 in known for phone in parsed.values["phone"])
        for parsed in good
    )
    return Tally(added=len(good) - skipped, skipped=skipped)


def store_opt_outs(job: LeadImport, by: User, batch: list[Parsed]) -> tuple[Tally, list[ImportRow]]:
    """Opt people out of the whole organization, those who aren't yet. It has no undo."""
    known, now = _in_force(job, batch), timezone.now()
    found: dict[str, dict[str, Any]] = {}
    tally = Tally()
    for parsed in batch:
        new = {phone.e164 for phone in parsed.values["phone"]} - known - found.keys()
        tally.added += bool(new)
        tally.skipped += not new
        for phone in new:
            words = storable(parsed.values.get("words", ""), 200)
            found[phone] = {"created": parsed.values.get("opted_out") or now, "words": words}
    recipients = Recipient.objects.for_phones(job.organization, found)
    common = {"source": OptOut.Source.STAFF, "sender": None, "ended": None}
    # One that still had to be reviewed is decided.
    own = OptOut.objects.filter(recipient__in=recipients.values(), **common)
    decided = {"certain": True, "decided": now, "decided_by": by}
    own.update(**decided)
    reviewed = set(own.values_list("recipient", flat=True))
    OptOut.objects.bulk_create(
        OptOut(organization=job.organization, recipient=recipient, **common, **decided, **fields)
        for phone, fields in found.items()
        if (recipient := recipients[phone]).pk not in reviewed
    )
    return tally, []


OPT_OUTS = ImportKind(
    name=LeadImport.Kind.OPT_OUTS,
    noun="opt-out",
    page="opt_out_import",
    required=frozenset({"phone"}),
    columns=lambda _job: list(OPT_OUT),
    check=check_opt_out,
    plan=plan_opt_outs,
    store=store_opt_outs,
)


column_groups.register(COLUMNS)
import_kinds.register(OPT_OUTS)
