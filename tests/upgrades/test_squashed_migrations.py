"""A database that was upgraded again and again is the same as a fresh one.

Landed migrations run one by one here, which takes a minute of processor time, so `make upgrades`
runs these alone.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.databases import empty_database
from tests.upgrades import schema

pytestmark = [pytest.mark.upgrades, pytest.mark.django_db]

ROOT = Path(__file__).parents[2]
SQUASHED = {
    ("migration", f"{path.parts[-3]}.{path.stem}")
    for path in ROOT.glob("**/migrations/0001_squashed_*.py")
    if ".venv" not in path.parts
}
# An earlier release: some of each app's landed migrations. What they need of other apps runs too.
EARLIER = [
    *("accounts", "0009_first_steps", "audit", "0001_initial", "search", "0003_saved_view_columns"),
    *("leads", "0009_fill_lead_words", "messaging", "0030_text_counts_by_sender"),
    *("support", "0005_saved_replies"),
]
# What an organization had then: a lead with a contact and a note, and a text of the lead.
ROWS = """
INSERT INTO accounts_organization (id, name, slug, time_zone, regions, unknown_senders_become_leads)
  VALUES (7, 'Bakery', 'bakery', 'UTC', '[]', TRUE);
INSERT INTO leads_leadstatus (id, organization_id, label, position) VALUES (7, 7, 'New', 0);
INSERT INTO leads_lead (id, organization_id, status_id, name, url, description, custom, created,
    updated, sms_count, sent_sms_count, received_sms_count, failed_sms_count, latest_sms_status)
  VALUES (7, 7, 7, 'Bluebird', '', '', '{}', '2026-01-01', '2026-01-01', 0, 0, 0, 0, '');
INSERT INTO leads_contact (id, organization_id, lead_id, name, title, created)
  VALUES (7, 7, 7, 'Ada', '', '2026-01-01');
INSERT INTO leads_note (id, organization_id, lead_id, text, created, updated)
  VALUES (7, 7, 7, 'Call back', '2026-01-02', '2026-01-02');
INSERT INTO messaging_smsmessage (id, organization_id, lead_id, direction, status, text, sent_text,
    remote_phone, local_phone, segments, encoding, reason, receipt, created, updated)
  VALUES (7, 7, 7, 'incoming', 'inbox', 'Hello', '', '+12025550123', '+12025550199', 1, 'GSM-7', '',
    '', '2026-01-03', '2026-01-03');
"""
INSERT = """
from django.db import connection
import sys
for statement in sys.stdin.read().split(";\\n"):
    if statement.strip():
        connection.cursor().execute(statement)
"""
READ = """
from leads.models import Lead
print(*Lead.objects.values_list("contact_count", "note_count", "sms_count", "received_sms_count"))
"""


def run(url: str, *command: str, text: str = "") -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=os.environ | {"DEBUG": "on", "DATABASE_URL": url},
        input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def manage(url: str, *command: str, text: str = "") -> str:
    return run(url, "manage.py", *command, text=text)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("upgrades")


@pytest.fixture(scope="module")
def fresh(stack: ExitStack, folder: Path) -> dict[tuple[str, str], str]:
    url = stack.enter_context(empty_database(folder, "fresh"))
    manage(url, "migrate", "--verbosity=0")
    assert SQUASHED
    assert schema.read(url).keys() >= SQUASHED
    return schema.read(url)


def assert_same(found: dict[tuple[str, str], str], expected: dict[tuple[str, str], str]) -> None:
    names = found.keys() | expected.keys()
    differ = [name for name in sorted(names) if found.get(name) != expected.get(name)]
    assert [(name, found.get(name), expected.get(name)) for name in differ] == []


def test_squashed_migrations_make_what_the_landed_ones_make(
    fresh: dict[tuple[str, str], str], stack: ExitStack, folder: Path
) -> None:
    url = stack.enter_context(empty_database(folder, "landed"))
    run(url, "-m", "tests.upgrades.step_by_step")
    landed = schema.read(url)
    assert landed.keys().isdisjoint(SQUASHED)
    # Nothing is missing, though the squashed migrations aren't recorded yet.
    manage(url, "migrate", "--check")
    assert "No migrations to apply." in manage(url, "migrate")
    assert_same(schema.read(url), fresh)
    # Nothing but the records of the squashed migrations was written.
    assert_same(landed | dict.fromkeys(SQUASHED, ""), fresh)


def test_an_earlier_release_is_upgraded_by_the_landed_migrations(
    fresh: dict[tuple[str, str], str], stack: ExitStack, folder: Path
) -> None:
    url = stack.enter_context(empty_database(folder, "earlier"))
    run(url, "-m", "tests.upgrades.step_by_step", *EARLIER)
    manage(url, "shell", "--no-imports", "-c", INSERT, text=ROWS)

    manage(url, "migrate")

    assert_same(schema.read(url), fresh)
    assert manage(url, "shell", "--no-imports", "-c", READ) == "(1, 1, 1, 1)\n"
    manage(url, "migrate", "--check")
