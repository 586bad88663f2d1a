"""Find nginx and PgBouncer for the tests of the production steps, or install them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.production import nginx

APT = (
    ["apt-get", "update", "--quiet"],
    [
        *("apt-get", "install", "--yes", "--quiet", "--no-install-recommends"),
        *("nginx-light", "openssl", "pgbouncer"),
    ],
)


def install() -> bool:
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        return False
    for command in APT:
        sys.stderr.write(f"Installing nginx and PgBouncer: {' '.join(command)}\n")
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            return False
    return nginx.is_installed()


if __name__ == "__main__":
    if not nginx.is_installed() and not install():
        sys.exit(nginx.INSTRUCTION)
    sys.stderr.write(f"nginx: {nginx.find('nginx')}, PgBouncer: {nginx.find('pgbouncer')}\n")
