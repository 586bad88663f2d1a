from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from search import Code, Problem
from search.answering.filters import Chip, FilterMenus, Option
from search.answering.list_actions import ListAction, actions_of
from search.answering.list_config import Column
from search.answering.list_pages import Listing
from search.guidance.markup import with_code
from search.limits import Count
from search.models import SavedView
from smscenter.rendering.row_templates import render_rows
from smscenter.rendering.row_urls import row_url

register = template.Library()
register.filter(with_code)


@register.filter
def can_save_views(user: Any) -> bool:
    """Return whether the user can save views of anything. Error pages may have no user."""
    return bool(user) and any(SavedView.can_be_of(model, user) for model in SavedView.Model)


@register.simple_tag(name="list_actions")
def actions_for(listing: Listing) -> list[ListAction]:
    """Return what can be done with the rows of a list."""
    return actions_of(listing.kind.model)


@register.simple_tag
def headings(listing: Listing) -> SafeString:
    return render_rows("search/_heading.html", listing.headings)


@register.simple_tag
def menu_options(options: Sequence[Option]) -> SafeString:
    return render_rows("search/_option.html", options)


class BoxKind(NamedTuple):
    model: str
    label: str
    placeholder: str


@dataclass(frozen=True)
class Box:
    kind: BoxKind
    text: str


@register.simple_tag
def search_box(listing: Listing) -> SafeString:
    config = listing.kind
    kind = BoxKind(config.model, config.label, config.placeholder)
    return render_rows("search/_box.html", [Box(kind, listing.text)])


@dataclass(frozen=True)
class Scripts:
    kind = ()


@register.simple_tag
def list_scripts() -> SafeString:
    """Load the scripts that every list needs."""
    return render_rows("search/_scripts.html", [Scripts()])


@register.simple_tag
def list_filters(listing: Listing) -> SafeString:
    """Show the filters of a list, and terms of its search as chips."""
    return _filters(listing.chips.filters, listing.chips.chips)


@lru_cache(maxsize=200)  # The same search in an organization looks the same for a while.
def _filters(menus: FilterMenus, chips: tuple[Chip, ...]) -> SafeString:
    return render_to_string("search/_filters.html", {"menus": menus.menus(), "chips": chips})


class ToolsKind(NamedTuple):
    model: str
    sort_label: str
    columns: tuple[Column, ...]
    shown: frozenset[str]
    has_view: bool
    can_be_saved: bool
    can_be_edited: bool


@dataclass(frozen=True)
class Tools:
    """The order and the columns of a list, and what saves it as a view."""

    listing: Listing
    csrf_token: str

    @property
    def kind(self) -> ToolsKind:
        listing, view = self.listing, self.listing.view
        return ToolsKind(
            model=listing.kind.model,
            sort_label=listing.sort_label,
            columns=tuple(listing.kind.optional_columns),
            shown=listing.shown,
            has_view=view is not None,
            can_be_saved=listing.can_be_saved,
            can_be_edited=view is not None and view.owner_id == listing.user.pk,
        )

    @property
    def sorts(self) -> SafeString:
        return menu_options(self.listing.sorts)

    @property
    def path(self) -> str:
        return self.listing.request.get_full_path()

    @property
    def view(self) -> int:
        return self.listing.view.pk if self.listing.view else 0

    @property
    def view_parameters(self) -> str:
        return self.listing.view_parameters

    @property
    def edit_url(self) -> str:
        return row_url("saved_view_edit", self.view)


@register.simple_tag(takes_context=True)
def list_tools(context: dict[str, Any], listing: Listing) -> SafeString:
    """Sort a list, choose its columns, and save it as a view."""
    tools = Tools(listing, str(context.get("csrf_token", "")))
    return render_rows("search/_list_tools.html", [tools])


class ExportKind(NamedTuple):
    export: str
    columns: tuple[str, ...]
    has_sort: bool
    noun: str


@dataclass(frozen=True)
class Export:
    """What is downloaded: a list's rows, in its order."""

    kind: ExportKind
    count: Count
    text: str
    sort: str


@register.simple_tag
def export_menu(listing: Listing) -> SafeString:
    """Choose the columns of the download."""
    config, count, sort = listing.kind, listing.count, listing.parameters.get("sort", "")
    noun = config.one if count.number == 1 else config.label
    kind = ExportKind(config.export, tuple(config.exported), bool(sort), noun)
    return render_rows("search/_export_menu.html", [Export(kind, count, listing.text, sort)])


class ExamplesKind(NamedTuple):
    model: str
    examples: tuple[tuple[str, str], ...]
    can_save_views: bool


@dataclass(frozen=True)
class Examples:
    kind: ExamplesKind


@register.simple_tag
def search_examples(listing: Listing) -> SafeString:
    """Show examples of searches, which are the same for everyone who may save views."""
    model, examples = listing.kind.model, tuple(listing.kind.examples)
    kind = ExamplesKind(model, examples, can_save_views(listing.user))
    return render_rows("search/_examples.html", [Examples(kind)])


@register.inclusion_tag("search/_problem.html", takes_context=True)
def problem(context: Any, problem: Problem, text: str, tone: str) -> dict[str, Any]:
    """Show an error or a warning, and mark the text that it's about, if it's about one."""
    if problem.code is Code.BUSY:
        text = ""
    return {
        "request": context["request"],
        "problem": problem,
        "tone": tone,
        "before": text[: problem.start],
        "marked": text[problem.start : problem.end],
        "after": text[problem.end :],
    }
