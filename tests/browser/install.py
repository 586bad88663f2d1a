"""Find a Chromium for the browser tests, or install one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.browser import chromium


def install_commands() -> list[list[list[str]]]:
    """Return the ways to install Chromium here, likeliest first, each as a list of commands."""
    playwright = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        return [playwright]
    update, install = ["apt-get", "update", "--quiet"], ["apt-get", "install", "--yes", "--quiet"]
    # Some distributions have no package for the shell alone.
    shell, whole = ([update, [*install, name]] for name in chromium.NAMES[:2])
    return [shell, whole, playwright]


def install() -> bool:
    for commands in install_commands():
        steps = " && ".join(" ".join(command) for command in commands)
        sys.stderr.write(f"Installing Chromium: {steps}\n")
        done = all(
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0
            for command in commands
        )
        if done and chromium.find():
            return True
    return False


if __name__ == "__main__":
    if not chromium.find() and not install():
        sys.exit(chromium.INSTRUCTION)
    sys.stderr.write(f"Chromium: {chromium.find()}\n")
