"""Numbers of the deliverability page. It has hundreds, so they aren't templates of their own."""

from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from messaging.deliverability.charts import Chart
from messaging.deliverability.report import Change

register = template.Library()

BAR = (
    '<a href="{}" tabindex="-1"><rect class="{}" x="{}" y="{}" width="{}" height="{}">'
    "<title>{}</title></rect></a>\n"
)
CENT = Decimal("0.01")


@register.filter
def number(value: int) -> str:
    return f"{value:,}"


@register.filter
def percent(value: float) -> str:
    return f"{value:.1f}%"


@register.filter
def dollars(cost: Decimal | None) -> str:
    if cost is None:
        return "No price known"
    return "under $0.01" if 0 < cost < CENT else f"${cost:,.2f}"


@register.filter
def sentence(change: Change) -> SafeString | str:
    """Return what a change says, in its color."""
    if change.points is None:
        return ""
    return format_html('<span class="change {}">{}</span>', change.tone, change.sentence)


@register.filter
def bars(chart: Chart) -> SafeString:
    return format_html_join(
        "",
        BAR,
        (
            (bar.url, bar.kind, bar.x, bar.y, bar.width, bar.height, bar.title)
            for bar in chart.bars
        ),
    )
