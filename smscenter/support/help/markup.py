"""Render the Markdown of articles. HTML in it is shown as text."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

Tokens = Sequence[Token]
Environment = MutableMapping[str, Any]


def render(tokens: Tokens, counts: Mapping[str, str]) -> SafeString:
    """Render an article. Queries that are in `counts` become links, with their count.

    The result is safe, because the renderer escapes everything that isn't Markdown.
    """
    return SafeString(MARKDOWN.renderer.render(tokens, MARKDOWN.options, {"counts": counts}))


def _link_open(
    self: RendererHTML, tokens: Tokens, index: int, options: OptionsDict, env: Environment
) -> str:
    query = tokens[index].meta.get("query")
    if query is not None and query not in env["counts"]:
        return ""
    return self.renderToken(tokens, index, options, env)


def _link_close(
    self: RendererHTML, tokens: Tokens, index: int, options: OptionsDict, env: Environment
) -> str:
    closing = self.renderToken(tokens, index, options, env)
    query = tokens[index].meta.get("query")
    if query is None:
        return closing
    if query not in env["counts"]:
        return ""
    return closing + format_html(' <span class="counted">{}</span>', env["counts"][query])


def _heading_close(
    self: RendererHTML, tokens: Tokens, index: int, options: OptionsDict, env: Environment
) -> str:
    opening, text = tokens[index - 2 : index]
    address, label = f"#{opening.attrs['id']}", f"Link to “{text.content}”"
    link = format_html('<a class="permalink" href="{}" aria-label="{}">#</a>', address, label)
    return link + self.renderToken(tokens, index, options, env)


# Images would send requests to other sites.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
MARKDOWN.add_render_rule("link_open", _link_open)
MARKDOWN.add_render_rule("link_close", _link_close)
MARKDOWN.add_render_rule("heading_close", _heading_close)
