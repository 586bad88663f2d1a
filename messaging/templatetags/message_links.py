"""Above the list of texts, links to what waits for a person: `{% message_list_links %}`."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django import template
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from messaging.carriers.outages import MOST_COUNTED
from messaging.models import Attempt, OptOut
from smscenter.database.prepared import Prepared
from smscenter.rendering.row_templates import render_rows

register = template.Library()


@Prepared
def _unconfirmed(organization: int) -> QuerySet[Any, Any]:
    attempts = Attempt.objects.unconfirmed().visible_in(organization)
    return attempts.order_by().values_list("pk")[:MOST_COUNTED]


@Prepared
def _opt_outs(organization: int) -> QuerySet[Any, Any]:
    return OptOut.objects.visible_in(organization).to_review().order_by().values_list("pk")


class LinksKind(NamedTuple):
    has_unconfirmed: bool
    has_opt_outs: bool


@dataclass(frozen=True)
class Links:
    unconfirmed: int
    opt_outs: int

    @property
    def kind(self) -> LinksKind:
        return LinksKind(bool(self.unconfirmed), bool(self.opt_outs))


@register.simple_tag(takes_context=True)
def message_list_links(context: dict[str, Any]) -> SafeString:
    """Link to unconfirmed texts and opt-outs, with how many there are, and to templates."""
    organization = context["request"].organization.pk
    links = Links(_unconfirmed.count(organization), _opt_outs.count(organization))
    return render_rows("messaging/_list_links.html", [links])
