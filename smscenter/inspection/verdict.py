"""Define the results of an inspection: exit statuses, and sentences for people."""

from enum import IntEnum

ADVICE = "Print it to a new PDF, or upload a screenshot."
# A phone's photo has 12 million pixels. A file of a few kilobytes can have billions.
MAX_PIXELS = 13_000_000


class Verdict(IntEnum):
    """An exit status, different from those of Python and of signals."""

    FINE = 0
    ACTIVE_PDF = 40
    PROTECTED_PDF = 41
    DAMAGED_PDF = 42
    DAMAGED_IMAGE = 43
    HUGE_IMAGE = 44
    TOO_COMPLEX = 45
    DAMAGED_WORKBOOK = 46

    @property
    def sentence(self) -> str:
        return SENTENCES[self]


SENTENCES = {
    Verdict.FINE: "",
    Verdict.ACTIVE_PDF: (
        f"this PDF contains more than pages and links, such as scripts or files. {ADVICE}"
    ),
    Verdict.PROTECTED_PDF: f"this PDF is password-protected. {ADVICE}",
    Verdict.DAMAGED_PDF: f"this PDF is damaged. {ADVICE}",
    Verdict.DAMAGED_IMAGE: "this image is damaged.",
    Verdict.HUGE_IMAGE: f"images can have up to {MAX_PIXELS // 1_000_000} million pixels.",
    Verdict.DAMAGED_WORKBOOK: "this workbook is damaged or password-protected.",
    Verdict.TOO_COMPLEX: "this file is too complex to check. Upload a simpler one.",
}


class Refused(Exception):  # noqa: N818 - a file was refused; nothing went wrong
    """Refuse a file that must not be stored. Raised inside the process."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.name)
        self.verdict = verdict
