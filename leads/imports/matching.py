"""Find the leads that have the phone number, email address, or ID of a row."""

from collections.abc import Iterable
from hashlib import blake2b

from django.db.models.functions import Lower

from leads.imports.columns import Parsed
from leads.models import ContactEmail, ContactPhone, ImportKey, Lead, LeadImport
from leads.phones import Phone

PHONE, EMAIL, EXTERNAL_ID = LeadImport.MatchOn


def phones_of(parsed: Parsed) -> list[tuple[str, Phone]]:
    """Return each phone number of a row with its label."""
    return [
        (key.partition(":")[2] or "mobile", phone)
        for key in ("phone", "phone:office", "phone:home", "phone:other")
        for phone in parsed.values.get(key, ())
    ]


def keys_of(job: LeadImport, parsed: Parsed) -> list[tuple[str, str]]:
    """Return what makes a row a duplicate, the most certain first."""
    if job.duplicates == LeadImport.Duplicates.ADD:
        return []
    found: list[tuple[str, str]] = []
    if parsed.values.get("external_id"):
        found.append((EXTERNAL_ID, parsed.values["external_id"]))
    found += [(PHONE, f"{phone.e164};{phone.extension}") for _, phone in phones_of(parsed)]
    found += [(EMAIL, email) for email in parsed.values.get("email", ())]
    return [key for key in found if key[0] in job.match_on]


def existing(job: LeadImport, batch: Iterable[Parsed]) -> dict[tuple[str, str], int]:
    """Return the oldest lead that has each of these keys, in three queries at most."""
    keys: dict[str, set[str]] = {PHONE: set(), EMAIL: set(), EXTERNAL_ID: set()}
    for parsed in batch:
        for kind, value in keys_of(job, parsed):
            keys[kind].add(value)
    found: dict[tuple[str, str], int] = {}
    for kind, read in ((PHONE, _by_phone), (EMAIL, _by_email), (EXTERNAL_ID, _by_external_id)):
        if keys[kind]:
            for value, lead in read(job.organization_id, keys[kind]):
                found.setdefault((kind, value), lead)
    return found


def _by_phone(organization: int, wanted: set[str]) -> Iterable[tuple[str, int]]:
    numbers = {value.partition(";")[0] for value in wanted}
    rows = ContactPhone.objects.visible_in(organization).filter(phone__in=numbers).order_by("pk")
    for phone, extension, lead in rows.values_list("phone", "extension", "contact__lead"):
        yield f"{phone};{extension}", lead


def _by_email(organization: int, wanted: set[str]) -> Iterable[tuple[str, int]]:
    rows = ContactEmail.objects.visible_in(organization).annotate(lower=Lower("email"))
    rows = rows.filter(lower__in=wanted).order_by("pk")
    return rows.values_list("lower", "contact__lead")


def _by_external_id(organization: int, wanted: set[str]) -> Iterable[tuple[str, int]]:
    rows = Lead.objects.visible_in(organization).exclude(external_id="")
    return rows.filter(external_id__in=wanted).order_by("pk").values_list("external_id", "pk")


def repeated(job: LeadImport, batch: Iterable[Parsed]) -> set[int]:
    """Return the numbers of those rows that have a key of an earlier row of the file.

    Done twice, it returns the same: the first row that has a key stays the first.
    """
    digests = {
        (parsed.number, _digest(key))
        for parsed in batch
        if not parsed.is_rejected
        for key in keys_of(job, parsed)
    }
    own = {"organization_id": job.organization_id, "lead_import": job}
    ImportKey.objects.bulk_create(
        [ImportKey(**own, digest=digest, number=number) for number, digest in sorted(digests)],
        ignore_conflicts=True,
    )
    rows = ImportKey.objects.filter(lead_import=job, digest__in={digest for _, digest in digests})
    first = dict(rows.values_list("digest", "number"))
    return {number for number, digest in digests if first[digest] < number}


def _digest(key: tuple[str, str]) -> int:
    digest = blake2b("\0".join(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
