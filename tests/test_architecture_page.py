"""docs/architecture.md shows the code as it is."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text()


def test_its_diagrams_are_up_to_date() -> None:
    command = [sys.executable, "docs/draw.py", "--check"]
    drawn = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert drawn.returncode == 0, drawn.stderr


def test_its_files_exist() -> None:
    named = re.findall(r"`((?:smscenter|leads|messaging|search|docs)/[\w./-]*)`", PAGE)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([\w-]+\.md)\)", PAGE)

    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
