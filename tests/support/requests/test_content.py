import pytest

from smscenter.support.requests import content


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("See bit.ly/abc", "shortened link (bit.ly/…)"),
        ("See https://TinyURL.com/abc", "shortened link"),
        ("Best WHISKEY in town", "alcohol (“WHISKEY”)"),
        ("New rifles? No: a rifle", "firearms (“rifle”)"),
        ("Try our CBD oil", "tobacco or cannabis"),
        ("Casino night", "gambling"),
        ("We offer debt relief", "loans and debts"),
        ("Hi Ada\nCALL NOW AND SAVE BIG", "all caps"),
    ],
)
def test_content_that_carriers_reject_is_flagged(text: str, warning: str) -> None:
    assert any(warning in sentence for sentence in content.warnings(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hi Ada, this is Rita from Acme Roofing. Does Tuesday at 10 suit you?",
        "See rabbit.ly/abc and https://acme.example/t.com/",
        "Swine, Essex, trifles and vapeur",
        "NASA and the FBI and the USA said so to all of us yesterday, and TV showed it",
        "OK!",
    ],
)
def test_an_ordinary_text_is_not_flagged(text: str) -> None:
    assert not list(content.warnings(text))
