"""In a list of texts: `{% message_rows page.rows listing.shown actions %}`."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from messaging.diagnosis.rows.list_labels import unconfirmed_texts, waiting_texts
from messaging.diagnosis.rows.message_rows import MessageRow
from search.answering.list_actions import ListAction
from smscenter.rendering.row_templates import render_rows

register = template.Library()


@register.simple_tag
def message_rows(
    messages: Sequence[Any], shown: frozenset[str], actions: Sequence[ListAction]
) -> SafeString:
    """Show a row for each text, with what those are waiting for that aren't sent yet."""
    unconfirmed, waiting = unconfirmed_texts(messages), waiting_texts(messages)
    rows = [MessageRow(each, shown, bool(actions), unconfirmed, waiting) for each in messages]
    return render_rows("messaging/_row.html", rows)
