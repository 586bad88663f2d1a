"""Cut what a mail program adds to a reply: the mail that it replies to, and the signature."""

import re
from collections.abc import Iterator
from html import unescape

# In templates/notifications/mail/_reply_above.txt, at the top of our emails.
MARKER = "Reply above this line to add to the request."
ATTRIBUTION = re.compile(
    r"(?:On|Le|Am|El|Il)\b.{5,300}\b(?:wrote|a écrit|schrieb|escribió|ha scritto)\b.{0,80}:",
    re.IGNORECASE,
)
# Mail programs break this line.
ATTRIBUTION_LINES = 3
QUOTE_BEGINS = re.compile(
    r"-{2,} ?(?:Original Message|Forwarded message) ?-{2,}|_{20,}|From: .+", re.IGNORECASE
)
SIGNATURE = re.compile(r"--|Sent from my .{2,40}|Get Outlook for .{2,40}|Sent via .{2,40}")
# Elements of HTML that hold the earlier mail, by tag or attribute, and those without words.
SKIPPED = {"blockquote", "head", "script", "style", "title"}
QUOTES = {"gmail_quote", "yahoo_quoted", "divRplyFwdMsg", "appendonsend", "moz-cite-prefix"}
BLOCKS = {"br", "div", "p", "li", "tr", "h1", "h2", "h3", "hr", "pre", "ul", "ol", "table"}
TAG_BEGINS = re.compile(r"<[a-zA-Z/!?]")
NAME = re.compile(r"/?[a-zA-Z][^\s/]*")
CLASS_OR_ID = re.compile(
    r"""\b(?:class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE
)
# In characters. What somebody writes is near the top, below the styles of mail programs.
LONGEST = 500_000


def cut(text: str) -> str:
    """Return what the person wrote."""
    lines = text[:LONGEST].replace("\r\n", "\n").replace("\xa0", " ").split("\n")
    own = (at for at in range(len(lines) - 1, -1, -1) if not _is_quoted(lines[at]))
    last = next(own, -1)
    end = next((at for at in range(len(lines)) if _ends(lines, at, last)), len(lines))
    above = "\n".join(lines[:end]).strip()
    return above or _below(lines[end:])


def _is_quoted(line: str) -> bool:
    return line.strip()[:1] in {"", ">"}


def _ends(lines: list[str], at: int, last: int) -> bool:
    """Return whether the person's own words end before this line. `last` isn't quoted."""
    line = lines[at].strip()
    if MARKER in line or SIGNATURE.fullmatch(line) or QUOTE_BEGINS.fullmatch(line):
        return True
    if line.startswith(">"):
        return at > last
    return _attribution(lines, at) > 0


def _attribution(lines: list[str], at: int) -> int:
    """Return how many lines say who wrote the quoted mail, and when; 0 if it's something else."""
    words = ""
    for count, line in enumerate(lines[at : at + ATTRIBUTION_LINES], start=1):
        if not line.strip():
            break
        words = f"{words} {line.strip()}".strip()
        if ATTRIBUTION.fullmatch(words):
            return count
    return 0


def _below(lines: list[str]) -> str:
    """Return the words below a quote with `>`, where some people write their reply."""
    rest = lines[_attribution(lines, 0) :]
    if not any(line.startswith(">") for line in rest):
        return ""
    own = [line for line in rest if not line.startswith(">")]
    end = next((at for at, line in enumerate(own) if SIGNATURE.fullmatch(line.strip())), len(own))
    return "\n".join(own[:end]).strip()


class _Words:
    """Collect the text of an HTML mail, without the mail that it quotes."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.skipped, self.depth = "", 0

    def read(self, html: str) -> None:
        """Read each character once. Python's parser takes an hour for some mails of 100 KB."""
        at = 0
        while (begin := html.find("<", at)) >= 0:
            self._data(html[at:begin])
            if not TAG_BEGINS.match(html, begin):
                self._data("<")  # as in 1 < 2
                at = begin + 1
                continue
            is_comment = html.startswith("<!--", begin)
            end = html.find("-->" if is_comment else ">", begin)
            if end < 0:
                return
            if not is_comment:
                self._tag(html[begin + 1 : end])
            at = end + (3 if is_comment else 1)
        self._data(html[at:])

    def _tag(self, tag: str) -> None:
        found = NAME.match(tag)
        name = found[0].lower() if found else ""
        if name.startswith("/"):
            self._end(name[1:])
        elif self.skipped:
            self.depth += name == self.skipped
        elif name in SKIPPED or any(not QUOTES.isdisjoint(_split(*it)) for it in _names(tag)):
            self.skipped, self.depth = name, 1
        elif name in BLOCKS:
            self.words.append("\n")

    def _end(self, name: str) -> None:
        if name == self.skipped:
            self.depth -= 1
            self.skipped = self.skipped if self.depth else ""
        elif name in BLOCKS - {"br"} and not self.skipped:
            self.words.append("\n")

    def _data(self, data: str) -> None:
        if not self.skipped:
            self.words.append(re.sub(r"\s+", " ", unescape(data)))


def _names(tag: str) -> Iterator[tuple[str, ...]]:
    return (found.groups("") for found in CLASS_OR_ID.finditer(tag))


def _split(*values: str) -> list[str]:
    return " ".join(values).split()


def text_of_html(html: str) -> str:
    """Return the words of an HTML mail as lines, without the mail that it quotes."""
    words = _Words()
    words.read(html[:LONGEST])
    lines = "".join(words.words).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()
