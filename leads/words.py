"""Check the words of leads against their texts, and repair them.

Database triggers keep the words (see `words_*.sql` of the migrations). This finds what they missed,
such as texts that were loaded while triggers were off.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, F, Model, OuterRef

from leads.models import Contact, ContactEmail, Lead, LeadWords
from search.words.text_lookups import WordsOf
from smscenter.accounts.models import Organization

Kind = LeadWords.Kind
BATCH = 1_000


@dataclass(frozen=True)
class Text:
    """A text whose words are stored. `lead` leads from its row to the lead."""

    kind: str
    model: type[Model]
    column: str
    lead: str


TEXTS = (
    Text(Kind.NAME, Lead, "name", "pk"),
    Text(Kind.DESCRIPTION, Lead, "description", "pk"),
    Text(Kind.URL, Lead, "url", "pk"),
    Text(Kind.CONTACT, Contact, "name", "lead"),
    Text(Kind.TITLE, Contact, "title", "lead"),
    Text(Kind.EMAIL, ContactEmail, "email", "contact__lead"),
)


@dataclass(frozen=True)
class Drift:
    """One text whose stored words are wrong."""

    kind: str
    source: int

    def __str__(self) -> str:
        return f"{self.kind} {self.source}: its stored words are wrong"


def check(organization: Organization, *, repair: bool = False) -> Iterator[Drift]:
    """Compare all words of an organization with their texts, and optionally repair them."""
    for text in TEXTS:
        yield from _changed(text, organization, repair=repair)
        yield from _gone(text, organization, repair=repair)


def _changed(text: Text, organization: Organization, *, repair: bool) -> Iterator[Drift]:
    """Find texts without their words, and write them again, which the triggers notice."""
    right = LeadWords.objects.filter(
        organization=OuterRef("organization"),
        lead=OuterRef(text.lead),
        kind=text.kind,
        source=OuterRef("pk"),
        words=WordsOf(OuterRef(text.column)),
    )
    rows = text.model._base_manager.filter(organization=organization)
    wrong = rows.exclude(**{text.column: ""}).exclude(Exists(right)).order_by("pk")
    ids = list(wrong.values_list("pk", flat=True))
    for start in range(0, len(ids) if repair else 0, BATCH):
        some = rows.filter(pk__in=ids[start : start + BATCH])
        some.update(**{text.column: F(text.column)})
    yield from (Drift(text.kind, pk) for pk in ids)


def _gone(text: Text, organization: Organization, *, repair: bool) -> Iterator[Drift]:
    """Find words whose text is gone."""
    texts = text.model._base_manager.filter(pk=OuterRef("source")).exclude(**{text.column: ""})
    words = LeadWords.objects.filter(organization=organization, kind=text.kind)
    gone = words.exclude(Exists(texts))
    sources = list(gone.order_by("source").values_list("source", flat=True))
    if repair and sources:
        gone.delete()
    yield from (Drift(text.kind, source) for source in sources)
