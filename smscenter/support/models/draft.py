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
    """What one form makes once, and saves again and again while somebody types."""

    class Meta:
        abstract = True
