from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Index
from django.utils import timezone

from leads.models.lead import Lead
from smscenter.accounts.models import MadeByForm, Owned, OwnedQuerySet, User, name_of, once


class NoteQuerySet(OwnedQuerySet["Note"]):
    def for_timeline(self) -> Self:
        """Load the people that a note on the timeline names."""
        return self.with_related(*name_of("user", "edited_by"))


class Note(MadeByForm):
    """A note about a lead. Change it only with `edit` and `remove`, which record who did."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, db_index=False, related_name="notes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    text = models.TextField()
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(auto_now=True)
    edited = models.DateTimeField(null=True, blank=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = NoteQuerySet.as_manager()

    class Meta:
        constraints = [once("note_form_token")]
        indexes = [
            Index(fields=["lead", "-created", "-id"], name="note_lead_created"),
            Index(fields=["organization", "-created"], name="note_organization_created"),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    def is_editable_by(self, user: User) -> bool:
        """Return whether this user can edit or delete it: its author, or a manager who sees it."""
        if user.organization_id != self.organization_id:
            return False
        return user.has_perm("leads.change_others_notes") or (
            self.user_id is not None and self.user_id == user.pk
        )

    def edit(self, text: str, by: User) -> None:
        """Replace the text and record who did. Raise DoesNotExist if it was deleted meanwhile."""
        now = timezone.now()
        rows = Note.objects.filter(pk=self.pk)
        changed = rows.exclude(text=text).update(text=text, updated=now, edited=now, edited_by=by)
        if not changed and not rows.exists():
            raise Note.DoesNotExist
        self.refresh_from_db()

    def remove(self, by: User) -> "DeletedNote":
        """Delete it and leave a record. Raise DoesNotExist if it was deleted meanwhile."""
        with transaction.atomic():
            deleted, _ = Note.objects.filter(pk=self.pk).delete()
            if not deleted:
                raise Note.DoesNotExist
            return DeletedNote.objects.create(
                organization_id=self.organization_id,
                lead_id=self.lead_id,
                author_id=self.user_id,
                written=self.created,
                deleted_by=by,
            )


class DeletedNote(Owned):
    """The record of a deletion: whose note it was, and who deleted it.

    The text isn't kept. People delete a note because it contains something that must not be stored,
    such as a card number. So no page, search, export, or administrator can restore it.
    """

    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, db_index=False, related_name="deleted_notes"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    written = models.DateTimeField(help_text="When the note was created.")
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created = models.DateTimeField("deleted", default=timezone.now)

    objects = OwnedQuerySet["DeletedNote"].as_manager()

    class Meta:
        indexes = [Index(fields=["lead", "-created", "-id"], name="deleted_note_lead")]

    def __str__(self) -> str:
        return f"Note by {self.author or 'a former member'}"

    @property
    def is_by_author(self) -> bool:
        return self.author_id is not None and self.author_id == self.deleted_by_id
