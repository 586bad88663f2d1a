"""Numbers and rows of the deliverability page.

It has hundreds, and templates would take five times as long for them. Labels are escaped: members
name templates and sender numbers. All else is ours.
"""

from decimal import Decimal

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from messaging.deliverability.charts import Chart
from messaging.deliverability.report import Change, Line

register = template.Library()

BAR = (
    '<a href="{}" tabindex="-1"><rect class="{}" x="{}" y="{}" width="{}" height="{}">'
    "<title>{}</title></rect></a>\n"
)
RATE = (
    '<span class="rate"><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" '
    'focusable="false"><rect class="failed" width="%.2f" height="1"></rect></svg>%.1f%%</span>'
)
CENT = Decimal("0.01")


@register.filter
def number(value: int) -> SafeString:
    return mark_safe(f"{value:,}")  # noqa: S308


@register.filter
def percent(value: float) -> SafeString:
    return mark_safe(f"{value:.1f}%")  # noqa: S308


@register.filter
def dollars(cost: Decimal | None) -> SafeString:
    if cost is None:
        return mark_safe("No price known")
    return mark_safe("under $0.01" if 0 < cost < CENT else f"${cost:,.2f}")  # noqa: S308


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
        ((bar.url, bar.kind, bar.x, bar.y, bar.width, bar.height, bar.title) for bar in chart.bars),
    )


@register.filter
def period_row(line: Line) -> SafeString:
    """Return the row of a day, a week, or a month."""
    return _row(
        line,
        _number("Sent", line.tally.sent, line.url),
        _number("Failed", line.tally.failed, line.failed_url),
        _cell("Failure rate", percent(line.percent), "number"),
        _number("Received", line.tally.received, line.received_url),
    )


@register.filter
def hour_row(line: Line) -> SafeString:
    return _row(
        line,
        _number("Failed", line.tally.failed, line.failed_url),
        _number("Out of", line.tally.outgoing, line.url),
        _cell("Failure rate", percent(line.percent), "number"),
    )


@register.simple_tag
def line_row(line: Line, *, is_share: bool, is_compared: bool, with_cost: bool) -> SafeString:
    """Return a row with a bar. `is_share` is for lines that only have failed texts."""
    rate = "Share of failures" if is_share else "Failure rate"
    cells = [_number("Failed", line.tally.failed, line.failed_url)]
    if not is_share:
        cells.append(_number("Out of", line.tally.outgoing, line.url))
    cells.append(_cell(rate, RATE % (line.percent, line.percent)))
    if is_compared:
        cells.append(_cell("Rate change", sentence(line.change)))
    if with_cost:
        cells.append(_cell("Cost", dollars(line.cost), "number"))
    return _row(line, *cells)


def _row(line: Line, *cells: str) -> SafeString:
    label = escape(line.label)
    if line.help_slug:
        label = format_html('<a href="{}">{}</a>', _article(line.help_slug), label)
    return mark_safe(f'<tr><th scope="row">{label}</th>{"".join(cells)}</tr>\n')  # noqa: S308


def _number(label: str, value: int, url: str) -> str:
    return _cell(label, f'<a href="{url}">{value:,}</a>', "number")


def _cell(label: str, content: str, css_class: str = "") -> str:
    # On phones, a cell shows the heading of its column.
    return f'<td class="{css_class}" data-label="{label}">{content}</td>'


def _article(slug: str) -> str:
    return reverse("help_article", args=[slug])
