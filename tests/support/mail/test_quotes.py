"""Test what's left of a reply without the quoted mail and the signature."""

import pytest

from smscenter.support.replies.message import read
from smscenter.support.replies.quotes import cut, text_of_html

pytestmark = pytest.mark.once
OURS = "Reply above this line to add to the request.\n\nHi Rita,\n\nWhich page?"


@pytest.mark.parametrize(
    "quoted",
    [
        OURS,
        f"On Sat, Nov 28, 2026 at 3:40 AM SMS Center <reply@sms.example> wrote:\n> {OURS}",
        "On Sat, Nov 28, 2026 at 3:40 AM SMS Center\n<reply+1-2.abc@sms.example>\nwrote:\n\n> Hi",
        "Am 28.11.2026 um 03:40 schrieb SMS Center <reply@sms.example>:\n> Hi",
        "Le sam. 28 nov. 2026 à 03:40, SMS Center <reply@sms.example> a écrit :\n> Hi",
        "-----Original Message-----\nFrom: SMS Center\nSent: Saturday",
        "________________________________\nFrom: SMS Center <reply@sms.example>\nSent: Saturday",
        "From: SMS Center <reply@sms.example>\nSent: Saturday\nTo: Rita",
        "-- \nRita Rivers\nAcme",
        "Sent from my iPhone\n\n> Hi",
        "> Hi Rita,\n>\n> Which page?\n",
    ],
)
def test_the_quoted_mail_is_cut(quoted: str) -> None:
    words = "The one with the box.\n\nOn it: yes."
    assert cut(f"{words}\r\n\r\n{quoted}") == words


@pytest.mark.parametrize(
    "words", ["On Monday I wrote to them.", "We agreed:\n> 5 texts\nand not more."]
)
def test_what_only_looks_like_a_quote_stays(words: str) -> None:
    assert cut(words) == words


def test_a_reply_below_the_quote_is_found() -> None:
    below = "On Sat, Nov 28, 2026 SMS Center wrote:\n> Which page?\n\nThe first.\n--\nRita"
    assert cut(below) == "The first."
    assert cut(OURS) == ""


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote">On Sat, Rita wrote:<div>Which page?</div></div>',
        '<div id="divRplyFwdMsg">From: SMS Center</div><div>_______________________<br>Page?</div>',
        "<blockquote type=cite>Which page?",
    ],
)
def test_an_html_mail_becomes_lines(quote: str) -> None:
    html = f"<head><style>p {{}}</style></head><p>The one</p><p>with &amp; <b>a</b> box.</p>{quote}"
    assert cut(text_of_html(html)) == "The one\n\nwith & a box."


def test_a_hostile_mail_is_read_at_once() -> None:
    """Each of these took minutes or more, with all that it's compared with again and again."""
    assert cut("> a\n" * 50_000 + "b").endswith("b")
    assert text_of_html("<a " * 100_000) == ""
    mail = b"From: a@b.example\nContent-Type: text/plain; charset=punycode\n\n" + b"99" * 500_000
    assert read(mail).text.startswith("99")


def test_a_sign_is_no_element() -> None:
    assert text_of_html("<p>1 < 2, <b class='x'>but</b> 3 &lt; 2</p>") == "1 < 2, but 3 < 2"
