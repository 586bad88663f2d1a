"""Run nginx in front of an installation: docs/nginx.conf, with the ports and files of a test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "docs" / "nginx.conf"
PROGRAMS = ("nginx", "openssl", "pgbouncer")
INSTRUCTION = (
    "The tests of the production steps need nginx, openssl, and PgBouncer. Install them "
    "(Debian: apt-get install nginx-light openssl pgbouncer)."
)
# Debian's nginx.conf without its conf.d/*.conf, with everything in one folder.
MAIN_CONFIG = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/sms-center.conf;
}}
"""


def find(name: str) -> str | None:
    """Return the path of a program. Debian has nginx only on root's PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def is_installed() -> bool:
    return all(map(find, PROGRAMS))


def replace_all(text: str, replacements: dict[str, str]) -> str:
    """Return the text with all replacements made. Fail when one no longer matches."""
    for old, new in replacements.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Create a self-signed certificate for localhost, and its key."""
    certificate, key = folder / "certificate.pem", folder / "certificate.key"
    subprocess.run(
        [
            *(find("openssl") or "openssl", "req", "-x509", "-nodes", "-days", "2"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


@contextmanager
def running(
    folder: Path, *, http: int, https: int, upstream: int, certificate: Path, key: Path
) -> Iterator[None]:
    """Run nginx in front of the port `upstream` for the `with` block."""
    sample = replace_all(
        SAMPLE.read_text(),
        {
            "listen 80;": f"listen 127.0.0.1:{http};",
            "listen 443 ssl;": f"listen 127.0.0.1:{https} ssl;",
            "http://127.0.0.1:8000;": f"http://127.0.0.1:{upstream};",
            "/etc/ssl/certs/sms.example.pem": str(certificate),
            "/etc/ssl/private/sms.example.key": str(key),
            "server_name sms.example;": "server_name localhost;",
        },
    )
    (folder / "sms-center.conf").write_text(sample)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN_CONFIG.format(folder=folder, user=user))
    command = [find("nginx") or "nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    with subprocess.Popen(command) as process:
        try:
            yield
        finally:
            process.terminate()
