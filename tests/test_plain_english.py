"""Pages, articles, mails, scripts, and messages use one plain term for each thing.

Prose is read by a person; this finds only terms that were once used here and that nobody misses.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ["leads", "messaging", "search", "smscenter"]

# Quotes carriers verbatim.
QUOTED = {"messaging/carriers/sandbox/numbers.py"}

# Case-insensitive regular expressions, and what to write instead.
BANNED = {
    # One term for each thing
    r"finer reasons?|kinds? of failure": "reason",
    r"receivers?|other person": "recipient",
    r"our numbers?|sending numbers?": "sender number",
    r"ask(s|ed|ing)? for whitelisting|whitelisting asked": "request whitelisting",
    r"among colleagues|what they say": "internal notes, request details",
    r"give back": "unassign",
    r"(no )?words? of (leads?|messages?|requests?|texts?|the search)": "search field",
    r"more information asked": "info requested",
    # Terms that other products use
    r"we read (it|this) as": "classified as",
    r"no code and no words|its words": "the carrier didn't give a reason",
    r"changes nothing": "ignored",
    r"cannot be sent": "can't send",
    r"allow texts again": "mark as textable",
    r"paid for": "billed as",
    r"in any notation": "any format works",
    r"is no (date|number|word|draft|user|view|choice)": "isn't a …",
    r"stands? here|is missing at the end": "add a value after …",
    r"asks for itself": "refers to itself",
    r"passed over": "ignored",
    r"(nobody|no one) (here )?is called": "no user named …",
    r"(?-i:Nobody|Everybody)": "no one, anyone, everyone, unassigned",
    r"nothing (matches|waits)": "no … match this search, you're all caught up",
    r"as a search:|try a search": "edit as search, search examples",
    r"looks after|when the lead was made": "lead owner, date created",
    r"no draft any ?more|no longer draft": "is no longer a draft",
    r"save and check|what makes it stronger|add something": "review request, supporting details",
    r"began it|well done": "created the draft, you're all caught up",
    r"(is|are) tried again|on the way again|become outdated": "resending",
    r"go to the first page|too many tries": "go to Leads, too many attempts",
    r"you may not|is too old": "you don't have permission",
    r"newest \d+ (hours|days)": "last 72 hours",
    r"what (became|becomes) of": "the result",
    r"(can|may) only look": "read-only access",
    r"(?-i:Somebody)": "someone",
    r"make a lead": "create a lead",
    r"the (period|year) before": "previous period",
    r"(in|for) the last (days|hours)": "in the last few days",
}  # fmt: skip
# Also in names, comments, and documents. Parts of words.
BRITISH = [
    "amongst", "apologis", "authoris", "behaviour", "cancelled", "cancelling", "catalogue",
    "categoris", "centre", "colour", "dialling", "enquir", "favour", "honour", "initialis",
    "labelled", "labour", "learnt", "modelled", "neighbour", "normalis", "organis", "prioritis",
    "recognis", "serialis", "summaris", "whilst",
]  # fmt: skip
PATTERN = re.compile(rf"\b({'|'.join(BANNED)})(?!\w)", re.IGNORECASE)


def templates() -> Iterator[tuple[str, str]]:
    """Yield the text of templates, without comments and tags."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        yield str(path.relative_to(ROOT)), re.sub(r"\{[#%].*?[#%]\}", " ", path.read_text())


def articles() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "smscenter").rglob("articles/*.md")):
        yield str(path.relative_to(ROOT)), path.read_text()


def scripts() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "static").rglob("*.*s")):
        yield str(path.relative_to(ROOT)), path.read_text()


def strings() -> Iterator[tuple[str, str]]:
    """Yield string literals of Python modules, without docstrings."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            place = str(path.relative_to(ROOT))
            if "migrations" not in path.parts and place not in QUOTED:
                yield place, " \n".join(_strings(ast.parse(path.read_text())))


def _strings(module: ast.Module) -> Iterator[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [*ast.walk(module)]
    docstrings = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield text


@pytest.mark.parametrize("read", [templates, articles, scripts, strings])
def test_no_banned_term_is_used(read: Callable[[], Iterator[tuple[str, str]]]) -> None:
    found = [
        f"{place}: {' '.join(match[0].split())}"
        for place, text in read()
        for match in PATTERN.finditer(" ".join(text.split()))
    ]
    assert found == []


@pytest.mark.once
def test_names_comments_and_documents_have_american_spelling() -> None:
    folders = [*PACKAGES, "benchmarks", "docs", "static", "templates", "tests"]
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.*")]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in [*paths, *ROOT.glob("*.md")]
        if path.suffix in {".py", ".md", ".html", ".js", ".css"} and path != Path(__file__)
        if "migrations" not in path.parts
        for text in [path.read_text().lower().replace("aria-labelledby", "")]
        for word in BRITISH
        if word in text
    ]
    assert found == []
