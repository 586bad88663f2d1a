"""Cut what a mail program adds to a reply: the mail that it replies to, and the signature."""

import re
from html.parser import HTMLParser

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


def cut(text: str) -> str:
    """Return what the person wrote."""
    lines = text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")
    end = next((at for at in range(len(lines)) if _ends(lines, at)), len(lines))
    above = "\n".join(lines[:end]).strip()
    return above or _below(lines[end:])


def _ends(lines: list[str], at: int) -> bool:
    """Return whether the person's own words end before this line."""
    line = lines[at].strip()
    if MARKER in line or SIGNATURE.fullmatch(line) or QUOTE_BEGINS.fullmatch(line):
        return True
    if line.startswith(">"):
        return all(not rest.strip() or rest.strip().startswith(">") for rest in lines[at:])
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


class _Words(HTMLParser):
    """Collect the text of an HTML mail, without the mail that it quotes."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.skipped, self.depth = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.skipped:
            self.depth += tag == self.skipped
            return
        names = {word for name, value in attrs if name in {"class", "id"} for word in _split(value)}
        if tag in SKIPPED or names & QUOTES:
            self.skipped, self.depth = tag, 1
        elif tag in BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.skipped:
            self.depth -= 1
            self.skipped = self.skipped if self.depth else ""
        elif tag in BLOCKS - {"br"} and not self.skipped:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.words.append(re.sub(r"\s+", " ", data))


def _split(value: str | None) -> list[str]:
    return (value or "").split()


def text_of_html(html: str) -> str:
    """Return the words of an HTML mail as lines, without the mail that it quotes."""
    parser = _Words()
    parser.feed(html)
    parser.close()
    lines = "".join(parser.words).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()
