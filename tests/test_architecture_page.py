"""The diagrams in docs/architecture.md match the code."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_diagrams_are_up_to_date() -> None:
    command = [sys.executable, "docs/draw.py", "--check"]
    drawn = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert drawn.returncode == 0, drawn.stderr
