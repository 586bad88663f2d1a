"""Install the project in a temporary folder, with the production commands of README.md."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import requests

from tests.faults.workers import wait_until
from tests.production import nginx
from tests.production.visitor import Visitor
from tests.test_run import free_port

ROOT = Path(__file__).parents[2]
WEB = ".venv/bin/gunicorn smscenter.wsgi"
WORKER = ".venv/bin/python manage.py worker"
SECRET = "token_urlsafe"
ADMINISTRATOR = "ines@sms.example"
PASSWORD = "a-long-enough-passphrase"
TWILIO_TOKEN = "0123456789abcdef0123456789abcdef"
SANDBOX_TOKEN = "only this installation knows it"
STATEMENT_TIMEOUT = 3


def commands() -> list[str]:
    """Return the commands of the section "In production", in order."""
    readme = (ROOT / "README.md").read_text()
    section = re.split(r"^## ", readme.partition("\n## In production\n")[2], flags=re.MULTILINE)[0]
    return re.findall(r"^ {7}(\S.*)$", section, re.MULTILINE)


@dataclass
class Installation:
    """Run an installation. None of its processes outlives the `with` block."""

    folder: Path
    database_url: str
    outputs: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    more_settings: ClassVar[str] = f"STATEMENT_TIMEOUT_SECONDS={STATEMENT_TIMEOUT}"

    def __post_init__(self) -> None:
        self.project = self.folder / "sms-center"
        self.web_port, self.http, self.https, self.sandbox_port = (free_port() for _ in range(4))
        self.url = f"https://localhost:{self.https}"
        self.certificate, self.key = nginx.make_certificate(self.folder)
        # None of the settings of the person who runs the tests, such as DEBUG.
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            # The port in gunicorn.conf.py may be taken here.
            "GUNICORN_CMD_ARGS": f"--bind=127.0.0.1:{self.web_port}",
            # The sandbox sends callbacks, and has to trust the certificate.
            "SSL_CERT_FILE": str(self.certificate),
        }

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self.stop)
            self.copy_project()
            stack.enter_context(
                nginx.running(
                    self.folder,
                    http=self.http,
                    https=self.https,
                    upstream=self.web_port,
                    certificate=self.certificate,
                    key=self.key,
                )
            )
            self.follow_the_readme()
            self.start(f"{WORKER.removesuffix('worker')}sandbox --delay=0.1 --reply-delay=0.3")
            wait_until(self.is_up, every=0.1)
            self.stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stack.__exit__(kind, error, traceback)

    def copy_project(self) -> None:
        """Copy the project like a clone, with the .venv of the tests: a new one takes a minute.

        Bytecode comes along, because compiling the project takes seconds.
        """
        lines = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()}
        ignored = shutil.ignore_patterns(".git", *(lines - {"__pycache__"}))
        shutil.copytree(ROOT, self.project, ignore=ignored)
        (self.project / ".venv").symlink_to(sys.prefix)
        # make compares dates: the copy must not be newer than the .venv.
        os.utime(self.project / "requirements.lock", (0, 0))

    def follow_the_readme(self) -> None:
        for command in commands():
            match command:
                case str() if command == WEB:
                    self.while_down = self.visitor().get("/sign-in/")
                    self.start(command)
                case str() if command == WORKER:
                    self.start(command)
                    self.start(command)
                case _:
                    self.run(command)
            if "env.example" in command:
                self.fill_in()
            elif "check --deploy" in command:
                self.enable_the_sandbox()

    def run(self, command: str) -> None:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.outputs[command] = done.stdout + done.stderr
        assert done.returncode == 0, (command, done.stdout, done.stderr)

    def start(self, command: str) -> None:
        log = self.folder / f"{len(self.running)}.log"
        with log.open("wb") as file:
            self.running.append(
                subprocess.Popen(
                    shlex.split(command),
                    cwd=self.project,
                    env=self.environment,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                )
            )

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        try:
            for process in self.running:
                process.wait(timeout=90)
        finally:
            for process in self.running:
                process.kill()

    def fill_in(self) -> None:
        """Fill in .env like an operator does."""
        outputs = self.outputs.items()
        secret = next(output for command, output in outputs if SECRET in command).strip()
        values = {
            "SECRET_KEY": secret,
            "PUBLIC_URL": self.url,
            "DATABASE_URL": self.database_url,
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "EMAIL_URL": "smtp://127.0.0.1:1",
        }
        file = self.project / ".env"
        text = file.read_text()
        for name, value in values.items():
            text, count = re.subn(f"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
            assert count == 1, name
        self.names = re.findall(r"^(\w+)=", text, re.MULTILINE)
        file.write_text(text)

    def enable_the_sandbox(self) -> None:
        """Send texts through the sandbox, because no test reaches Twilio."""
        with (self.project / ".env").open("a") as file:
            file.write(
                "CARRIERS=twilio,sandbox\n"
                f"SANDBOX_URL=http://127.0.0.1:{self.sandbox_port}\n"
                f"SANDBOX_AUTH_TOKEN={SANDBOX_TOKEN}\n"
                f"{self.more_settings}\n"
            )

    def is_up(self) -> bool:
        for number, process in enumerate(self.running):
            assert process.poll() is None, (self.folder / f"{number}.log").read_text()
        try:
            return self.visitor().get("/readyz").status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def visitor(self) -> Visitor:
        return Visitor(self.url, self.certificate)
