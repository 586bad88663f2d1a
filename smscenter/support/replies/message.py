"""Read a received mail: who sent it to which address, what they wrote, and the attached files."""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from functools import cached_property

from django.conf import settings

from smscenter.support.replies import quotes

# With five files of 5 MB as text, which is a third larger.
LARGEST = 36 * 1024 * 1024
# Smaller pictures inside the text are logos of signatures.
SMALLEST_INLINE = 20 * 1024
# Where mail servers put the address that the mail was sent to.
TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
AUTOMATIC_PRECEDENCE = {"bulk", "junk", "list", "auto_reply"}
# Headers that only machines set.
AUTOMATIC = ("X-Autoreply", "X-Autorespond", "List-Id", "List-Unsubscribe", "X-Failed-Recipients")
# Python's own names for those of domains. A megabyte takes minutes.
NO_CHARSETS = {"idna", "punycode"}
# Of a file, encoded, in characters.
LONGEST_NAME = 1_000
MACHINES = {"mailer-daemon", "postmaster", "no-reply", "noreply"}


class UnreadableError(ValueError):
    """This isn't a mail."""


@dataclass(frozen=True)
class Attached:
    name: str
    content: bytes


@dataclass(frozen=True)
class ReceivedMessage:
    message: Message
    raw: bytes

    @property
    def key(self) -> str:
        """Return what identifies it, however often it arrives."""
        identity = self._header("Message-ID").encode() or self.raw
        return hashlib.sha256(identity).hexdigest()

    @cached_property
    def sender(self) -> str:
        """Return the sender's address, or an empty string if there isn't exactly one."""
        senders = getaddresses([self._header("From")])
        return senders[0][1].lower() if len(senders) == 1 else ""

    @cached_property
    def recipients(self) -> list[str]:
        headers = [str(value) for name in TO for value in self.message.get_all(name, [])]
        return [address for _, address in getaddresses(headers) if address]

    @property
    def is_automatic(self) -> bool:
        """Return whether a machine sent it, such as an out-of-office reply or a bounce."""
        name, _, _ = self.sender.partition("@")
        return (
            self._header("Auto-Submitted").lower() not in {"", "no"}
            or self._header("Precedence").lower() in AUTOMATIC_PRECEDENCE
            or any(header in self.message for header in AUTOMATIC)
            or self._header("Return-Path") == "<>"
            or self.message.get_content_type() == "multipart/report"
            or name in MACHINES
            or self._is_ours
        )

    @property
    def _is_ours(self) -> bool:
        name, _, domain = settings.REPLY_EMAIL.lower().partition("@")
        is_reply_address = self.sender.endswith(f"@{domain}") and (
            self.sender.partition("@")[0].partition("+")[0] == name
        )
        return is_reply_address or self.sender == parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()

    @property
    def text(self) -> str:
        """Return what the person wrote, without the quoted mail and the signature."""
        plain = next(self._texts("text/plain"), "")
        if plain.strip():
            return quotes.cut(plain)
        return quotes.cut(quotes.text_of_html(next(self._texts("text/html"), "")))

    @property
    def attached(self) -> Iterator[Attached]:
        for part in self._parts:
            content = part.get_payload(decode=True)
            name = _decoded(part.get_filename() or "")
            if not isinstance(content, bytes) or not name:
                continue
            is_inline = part.get_content_disposition() != "attachment"
            if not is_inline or len(content) >= SMALLEST_INLINE:
                yield Attached(name, content)

    @property
    def _parts(self) -> Iterator[Message]:
        return (part for part in self.message.walk() if not part.is_multipart())

    def _texts(self, content_type: str) -> Iterator[str]:
        for part in self._parts:
            if part.get_content_type() == content_type and not part.get_filename():
                content = part.get_payload(decode=True)
                if isinstance(content, bytes):
                    yield _as_text(content, part.get_content_charset())

    def _header(self, name: str) -> str:
        return str(self.message.get(name, "")).strip()


def read(raw: bytes) -> ReceivedMessage:
    """Return the mail. Raise UnreadableError."""
    if len(raw) > LARGEST:
        raise UnreadableError("The mail is too large.")
    try:
        mail = ReceivedMessage(message_from_bytes(raw), raw)
        # Addresses can have comments and groups inside each other, like parts.
        _ = mail.sender, mail.recipients
    except RecursionError as error:
        raise UnreadableError("The mail has too many parts inside each other.") from error
    if "From" not in mail.message:
        raise UnreadableError("The mail has no sender.")
    return mail


def _as_text(content: bytes, charset: str | None) -> str:
    try:
        is_text = codecs.lookup(charset or "utf-8").name not in NO_CHARSETS
        return content.decode(charset if is_text and charset else "utf-8")
    except (LookupError, ValueError):
        return content.decode("utf-8", errors="replace")


def _decoded(name: str) -> str:
    try:
        return str(make_header(decode_header(name[:LONGEST_NAME])))
    except (ValueError, LookupError):
        return name
