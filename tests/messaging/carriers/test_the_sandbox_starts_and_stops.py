import re
import signal
import subprocess
import sys

import requests
from django.conf import settings


def test_by_its_command() -> None:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", "--port=0", "--delay=0.5", "--seed=1"],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        control = requests.get(f"{address[0]}/control/", timeout=10).json()
        assert control["delay"] == 0.5
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0
