"""Render the packet as a PDF, in Noto Sans: Latin, Greek, Cyrillic, and more."""

from functools import cache
from importlib.resources import files

from fontTools.ttLib import TTFont
from fpdf import FPDF

from smscenter.support.review.packet import Packet, Section

FONT = files("fontpkg_noto_sans") / "files" / "NotoSans[wdth,wght].ttf"
# In millimeters: a heading, and a label with the first line of its value.
HEADING, FACT = 7, 12
# Replaces characters that the font doesn't have: emoji, Chinese.
MISSING = "\ufffd"
NOTE = f"{MISSING} stands for a character that this file can't show. See the text version."


def render(packet: Packet) -> bytes:
    page = FPDF(format="Letter")
    page.set_title(packet.title)
    page.set_lang("en")
    page.set_creation_date(packet.made)
    page.add_font("Noto", fname=str(FONT))
    page.add_page()
    _write(page, packet.title, size=16)
    _write(page, f"Our reference: request {packet.support_request.pk}", size=10)
    for section in packet.sections:
        _write_section(page, section)
    if MISSING in packet.as_text() or not _is_covered(packet.as_text()):
        page.ln(4)
        _write(page, NOTE, size=9)
    return bytes(page.output())


def _write_section(page: FPDF, section: Section) -> None:
    page.ln(4)
    _keep_together(page, HEADING + FACT)
    _write(page, section.title, size=13)
    for label, value in section.facts:
        _keep_together(page, FACT)
        page.set_text_color(90)
        _write(page, label, size=9)
        page.set_text_color(0)
        _write(page, value, size=11)
        page.ln(1)


def _keep_together(page: FPDF, height: float) -> None:
    if page.will_page_break(height):
        page.add_page()


def _write(page: FPDF, text: str, size: int) -> None:
    page.set_font("Noto", size=size)
    # Half a millimeter per point is a line height of 1.4.
    page.multi_cell(0, size / 2, _covered(text), align="L", new_x="LMARGIN", new_y="NEXT")


@cache
def _glyphs() -> frozenset[int]:
    with TTFont(str(FONT), lazy=True) as font:
        return frozenset(font.getBestCmap())


def _is_covered(text: str) -> bool:
    return all(ord(character) in _glyphs() for character in text if not character.isspace())


def _covered(text: str) -> str:
    return "".join(c if c.isspace() or ord(c) in _glyphs() else MISSING for c in text)
