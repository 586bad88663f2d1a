from uuid import UUID

from django.db import models

from smscenter.accounts.models import MadeByForm


class Draft(MadeByForm):
    """Count the versions of a row that several open pages may save.

    A page sends the version that it shows. Autosave only overwrites that version, so a late one
    changes nothing. When a person saves, that overwrites what the same page autosaved.
    """

    version = models.PositiveIntegerField(default=0, editable=False)
    # The page that saved this version: a random id that each page is given.
    saved_from = models.UUIDField(null=True, editable=False)

    class Meta:
        abstract = True

    def is_newer_than(self, version: int | None) -> bool:
        """Return whether the row was saved after a page with this version was shown.

        Pages from before the first version send none.
        """
        return version is not None and version != self.version

    def is_from(self, page: UUID | None) -> bool:
        """Return whether this page saved the current version."""
        return page is not None and page == self.saved_from

    def count_save(self, page: UUID | None) -> list[str]:
        """Advance to the next version. Return the names of the fields to save."""
        self.version, self.saved_from = self.version + 1, page
        return ["version", "saved_from"]
