"""The words of leads, by which searches find them."""

from django.db import models
from django.db.models import Index, Q, UniqueConstraint

from leads.models.lead import Lead
from search.words.text_lookups import WordsField
from search.words.word_index import WordIndex
from smscenter.accounts.models import Owned, OwnedQuerySet

WORD_INDEX = WordIndex("leads_words", "leads_leadwords", "words")


class LeadWords(Owned):
    """The words of one text of a lead, or of its contacts and their email addresses.

    Written by database triggers only (see `words_*.sql` of the migrations). It's a table of its
    own, so that one index finds a word wherever it is, and a text message, which changes its lead,
    doesn't write that index. Each text is a row, so that a phrase is never found across two texts.
    """

    class Kind(models.TextChoices):
        NAME = "name", "Name"
        DESCRIPTION = "description", "Description"
        URL = "url", "Website"
        CONTACT = "contact", "Contact name"
        TITLE = "title", "Contact title"
        EMAIL = "email", "Email address"

    # A trigger deletes the row with its text.
    lead = models.ForeignKey(Lead, on_delete=models.DO_NOTHING, db_index=False, related_name="+")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    source = models.BigIntegerField(help_text="ID of the lead, contact, or email address.")
    words = WordsField()

    objects = OwnedQuerySet["LeadWords"].as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["source", "kind"], name="lead_words_source"),
            models.CheckConstraint(
                name="lead_words_kind",
                condition=Q(
                    kind__in=["name", "description", "url", "contact", "title", "email"],
                ),
            ),
        ]
        # With the organization, because PostgreSQL without statistics takes an index of one column
        # for a bad one, and reads the words of the whole organization for each lead.
        indexes = [Index(fields=["lead", "organization"], name="lead_words_lead")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.source}"
