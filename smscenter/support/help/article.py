"""Read help articles: Markdown files in `articles/`. HTML in them is shown as text.

A file starts with its front matter, `name: value` lines between two lines of `---`. A link to
`other-article.md` opens that article, a link to `page:name` opens the page with that URL name, and
a link to `query:` around a search opens the leads it finds, with their number. Each heading ends
with `{#id}`, which stays when the words change, so links to it keep working.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

from django.db import models
from django.urls import reverse
from django.utils.safestring import SafeString
from markdown_it.token import Token

from smscenter.support.help import markup

FOLDER = Path(__file__).parent / "articles"
FILE = re.compile(r"---\n(?P<front>.*?)\n---\n(?P<body>.*)", re.DOTALL)
HEADING = re.compile(r"(?P<text>.+?) *\{#(?P<id>[a-z0-9-]+)\}")
LINK = re.compile(r"(?P<slug>[a-z0-9-]+)\.md(?P<anchor>#[a-z0-9-]+)?")


class ArticleError(ValueError):
    """Report a file that isn't an article: which one, and why."""


class Section(models.TextChoices):
    """The parts of the help center, in order."""

    FAILED = "failed", "When a text fails"
    SENDING = "sending", "Writing and sending"
    REASONS = "reasons", "All failure reasons"


@dataclass(frozen=True)
class Heading:
    id: str
    text: str


@dataclass(frozen=True)
class Article:
    slug: str
    title: str
    summary: str
    section: Section
    order: int
    related_slugs: tuple[str, ...]
    source: str

    def get_absolute_url(self) -> str:
        return reverse("help_article", args=[self.slug])

    @cached_property
    def html(self) -> SafeString:
        """Return the article for readers without leads."""
        return self.html_with({})

    def html_with(self, counts: Mapping[str, str]) -> SafeString:
        """Return the article with its queries as links, each with the number of leads."""
        return markup.render(self._tokens, counts)

    @cached_property
    def queries(self) -> list[str]:
        """Return the lead searches linked in the article."""
        children = (child for token in self._tokens for child in token.children or ())
        return [
            child.meta["query"]
            for child in children
            if child.type == "link_open" and "query" in child.meta
        ]

    @cached_property
    def headings(self) -> list[Heading]:
        """Return the table of contents."""
        return [
            Heading(str(opening.attrs["id"]), text.content)
            for opening, text in _pairs(self._tokens)
            if opening.tag == "h2"
        ]

    @cached_property
    def related(self) -> "list[Article]":
        return [get(slug) for slug in self.related_slugs]

    @cached_property
    def _tokens(self) -> list[Token]:
        tokens = markup.MARKDOWN.parse(self.source)
        for opening, text in _pairs(tokens):
            _name_heading(self.slug, opening, text)
        for token in tokens:
            if token.type == "table_open":
                token.attrSet("class", "table")
            _resolve_links(token.children or [])
        return tokens


def _pairs(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """Yield the opening token of each heading, with the token of its text."""
    for opening, text in pairwise(tokens):
        if opening.type == "heading_open":
            yield opening, text


def _name_heading(slug: str, opening: Token, text: Token) -> None:
    heading = HEADING.fullmatch(text.content)
    last = (text.children or [Token("text", "", 0)])[-1]
    if heading is None or last.type != "text":
        raise ArticleError(f"{slug}: the heading {text.content!r} doesn't end with {{#id}}.")
    opening.attrSet("id", heading["id"])
    text.content = heading["text"]
    last.content = last.content.rpartition("{#")[0].rstrip()


def _resolve_links(children: Sequence[Token]) -> None:
    for number, child in enumerate(children):
        if child.type != "link_open":
            continue
        if child.attrs["href"] != "query:":
            child.attrSet("href", _resolve(str(child.attrs["href"])))
            continue
        # The link contains one piece of text, the search itself.
        query, closing = children[number + 1 : number + 3]
        child.meta["query"] = closing.meta["query"] = query.content
        child.attrSet("href", f"{reverse('lead_list')}?{urlencode({'q': query.content})}")


def _resolve(href: str) -> str:
    """Return the address of a link."""
    if href.startswith("page:"):
        return reverse(href.removeprefix("page:"))
    if link := LINK.fullmatch(href):
        return reverse("help_article", args=[link["slug"]]) + (link["anchor"] or "")
    return href


def read(path: Path) -> Article:
    """Read an article. Raise ArticleError if its front matter is wrong."""
    try:
        parts = FILE.fullmatch(path.read_text(encoding="utf-8"))
        if parts is None:
            raise ArticleError(f"{path.name} has no front matter.")
        front = dict(line.split(": ", 1) for line in parts["front"].splitlines())
        return Article(
            slug=path.stem,
            title=front["title"],
            summary=front["summary"],
            section=Section(front["section"]),
            order=int(front["order"]),
            related_slugs=tuple(front["related"].split()),
            source=parts["body"],
        )
    except (KeyError, ValueError) as error:
        raise ArticleError(f"{path.name}: {error}") from error


@cache
def library() -> dict[str, Article]:
    """Return all articles by slug, in the order of the help center."""
    sections = list(Section)
    articles = sorted(
        map(read, FOLDER.glob("*.md")),
        key=lambda article: (sections.index(article.section), article.order, article.title),
    )
    return {article.slug: article for article in articles}


def get(slug: str) -> Article:
    """Return an article. Raise KeyError if there is none."""
    return library()[slug]
