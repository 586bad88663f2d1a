"""Limits of inspections that tests reach sooner."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

LowerLimits = Callable[..., None]
# What `python -m smscenter.inspection` does, with other limits.
PYTHON = """#!{python}
import sys
sys.path.insert(0, {root!r})
sys.argv[:3] = [sys.argv[0]]
from smscenter.inspection import __main__ as child
vars(child).update({limits!r})
sys.exit(child.main())
"""


@pytest.fixture
def lower_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LowerLimits:
    """Return a function that lowers limits of the process that inspects uploads."""

    def lower(**limits: int) -> None:
        python = tmp_path / "python"
        root = str(settings.BASE_DIR)
        python.write_text(PYTHON.format(python=sys.executable, root=root, limits=limits))
        python.chmod(0o700)
        monkeypatch.setattr("sys.executable", str(python))

    return lower
