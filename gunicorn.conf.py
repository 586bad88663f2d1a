"""Configure gunicorn, which reads this file from the folder that it is started in.

Command-line options override these settings.
"""

import subprocess
import sys
from typing import Any

from gunicorn.arbiter import Arbiter


def on_starting(server: Any) -> None:
    """Stop if the database is outdated. If two workers refused it at once, gunicorn would crash.

    Another process loads the application, so that restarted workers load new code. A single worker
    says the same as that process, and sooner.
    """
    if server.num_workers == 1:
        return
    command = [sys.executable, "-c", "import smscenter.wsgi"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if loaded.returncode == Arbiter.APP_LOAD_ERROR:
        sys.stderr.write(loaded.stderr)
        sys.exit(Arbiter.APP_LOAD_ERROR)


# Only the proxy on this machine can connect. Other clients could forge their address and https.
bind = "127.0.0.1:8000"
# Keep other users of this machine from reading files that a web process creates.
umask = 0o077

# A process uses one core. With two, one serves requests while the other restarts. With more
# cores, use one for each: `--workers 8`.
workers = 2
# Pages mostly wait for the database. Each thread holds a connection, and one more counts views, so
# max_connections of PostgreSQL must exceed workers times (threads + 1), plus 3 for each
# `manage.py worker`. Slow searches occupy fewer threads than this (search/slow_searches.py).
worker_class = "gthread"
threads = 4

# Restart a process that is silent for this long because all its threads are stuck. This doesn't
# stop a slow page: STATEMENT_TIMEOUT_SECONDS does.
timeout = 30
# How long requests can take to finish during a restart: longer than STATEMENT_TIMEOUT_SECONDS.
graceful_timeout = 30
# Only used without a proxy, as in `make run`: nginx opens a new connection for each request.
keepalive = 5
# Restart processes regularly to free memory. The jitter keeps them from restarting together. A
# restart takes more than a second of CPU time, and callbacks are requests, too: with 300 a second,
# 2,000 requests would take 13 seconds.
max_requests = 50_000
max_requests_jitter = 10_000

# A search for 500 phone numbers is in the URL and in a header that htmx sends. gunicorn takes no
# limit above 8,190 for the first line, so nginx limits it (docs/nginx.conf), with the same 32 KB.
limit_request_line = 0
limit_request_field_size = 32 * 1024
# Unused, and it would need a home directory, which service users may not have.
control_socket_disable = True
