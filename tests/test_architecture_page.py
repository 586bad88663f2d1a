"""The diagrams in docs/architecture.md match the code."""

import os

from tests import fork_server


def test_the_diagrams_are_up_to_date() -> None:
    drawn = fork_server.run(["docs/draw.py", "--check"], dict(os.environ))

    assert drawn.returncode == 0, drawn.stderr
