"""Run Python code in a new process that has imported Django, but nothing of this project.

Starting Python again takes much longer, for it imports Django and other packages each time.
"""

import atexit
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
# Read one job a line, fork for each, and write its exit code. None of the imports reads settings.
SERVER = """
import json, os, sys
import csp.constants, django.core.management, django.db.models, django.forms, django.test
import django_stubs_ext, environs, structlog.dev
for line in sys.stdin:
    code, environment, *paths = json.loads(line)
    if child := os.fork():
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)
        continue
    for number, path in enumerate([os.devnull, *paths]):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    exec(code, {"__name__": "__main__"})
    break
"""


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests; this process ends after them
    )
    atexit.register(server.communicate)
    return server


def run(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run code with nothing but this environment."""
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        print(json.dumps([code, environment, str(out), str(err)]), file=server.stdin, flush=True)
        exit_code = int(server.stdout.readline())
        return subprocess.CompletedProcess([code], exit_code, out.read_text(), err.read_text())
