"""Find a LibreOffice for the office tests, or install one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.office import soffice

PACKAGE = ["--yes", "--quiet", "--no-install-recommends", "libreoffice-calc-nogui"]


def install() -> bool:
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        return False
    for command in (["apt-get", "update", "--quiet"], ["apt-get", "install", *PACKAGE]):
        sys.stderr.write(f"Installing LibreOffice: {' '.join(command)}\n")
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0:
            return False
    return soffice.find() is not None


if __name__ == "__main__":
    if not soffice.find() and not install():
        sys.exit(soffice.INSTRUCTION)
    sys.stderr.write(f"LibreOffice: {soffice.find()}\n")
