"""The dots of lead statuses can be told from each ground, in both themes."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from leads.models import LeadStatus

TOKENS = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
GROUNDS = ("ground", "surface", "raised", "hover", "accent-soft")


def color(token: str, theme: int) -> str:
    found = re.search(rf"--{token}: light-dark\((#\w{{6}}), (#\w{{6}})\)", TOKENS)
    assert found is not None, token
    return found[theme + 1]


def luminance(color: str) -> float:
    parts = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", LeadStatus.Color.values)
def test_a_dot_has_a_contrast_of_three_to_one(name: str, theme: int) -> None:
    dot = luminance(color(f"dot-{name}", theme))
    for ground in GROUNDS:
        other = luminance(color(ground, theme))
        lighter, darker = max(dot, other), min(dot, other)
        assert (lighter + 0.05) / (darker + 0.05) >= 3, ground
