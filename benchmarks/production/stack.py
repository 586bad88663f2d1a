"""An installation as in README.md, with our carrier, and with PgBouncer if asked for."""

import json
from collections import Counter
from pathlib import Path

from tests.production.installation import WEB, Installation
from tests.production.pgbouncer import WEB_POOL, WORK_POOL


class Stack(Installation):
    """Installs and starts everything, except that its carrier is for us to start."""

    more_settings = "LOG_LEVEL=WARNING"

    def __init__(
        self, folder: Path, database_url: str, pooler: str | None, options: list[str]
    ) -> None:
        self.pooler, self.options = pooler, options
        super().__init__(folder, database_url)

    def run(self, command: str) -> None:
        if "setup_link" not in command:  # there are accounts already
            super().run(command)

    def start(self, command: str) -> None:
        if command.endswith("--reply-delay=0.3"):
            return  # the sandbox
        if self.pooler:
            pool = WEB_POOL if command == WEB else WORK_POOL
            self.environment["DATABASE_URL"] = f"{self.pooler}/{pool}"
        super().start(" ".join([command, *self.options]) if command == WEB else command)
        self.environment.pop("DATABASE_URL", None)

    @property
    def secret_key(self) -> str:
        lines = (self.project / ".env").read_text().splitlines()
        return next(line.partition("=")[2] for line in lines if line.startswith("SECRET_KEY="))

    def faults(self) -> Counter[str]:
        """Count the warnings and errors in the logs of all processes by level and event."""
        found: Counter[str] = Counter()
        for log in self.folder.glob("*.log"):
            for line in log.read_text(errors="replace").splitlines():
                if line.startswith("{"):
                    entry = json.loads(line)
                    found[f"{entry['level']} {entry['event']} {entry.get('limit', '')}"] += 1
                elif line.startswith("Traceback"):
                    found[f"error in {log.name}"] += 1
        return found
