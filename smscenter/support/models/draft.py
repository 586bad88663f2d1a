from uuid import UUID

from django.db import models

from smscenter.accounts.models import MadeByForm

# The five that a carrier asks for.
DETAILS = ("website", "content_type", "examples", "opted_in", "relationship")
# What makes a request stronger.
OPTIONAL = (
    "opt_in_method",
    "opt_in_date",
    "opt_in_wording",
    "opt_in_page",
    "opt_out_wording",
    "volume",
)
QUESTION = ("subject", "body")


class Draft(MadeByForm):
    """What several pages may save at the same time: one version after the other.

    A page carries the version that it shows. It saves by itself only over that one, so a save that
    comes late changes nothing. What a person saves goes over whatever the same page saved before.
    """

    version = models.PositiveIntegerField(default=0, editable=False)
    # The page that saved this version: a random id that each page is given.
    saved_from = models.UUIDField(null=True, editable=False)

    class Meta:
        abstract = True

    def is_newer_than(self, version: int | None) -> bool:
        """Whether it was saved since a page was shown; pages from before versions know none."""
        return version is not None and version != self.version

    def is_from(self, page: UUID | None) -> bool:
        return page is not None and page == self.saved_from

    def count_save(self, page: UUID | None) -> list[str]:
        """Become the next version, and return the names of the fields to save."""
        self.version, self.saved_from = self.version + 1, page
        return ["version", "saved_from"]
