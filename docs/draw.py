"""Draw the diagrams of docs/architecture.md from the code.

`.venv/bin/python docs/draw.py` updates the page, and with `--check` fails if it's out of date.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
BLOCK = re.compile(r"(<!-- drawn: ([\w.-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

PACKAGES = ("smscenter", "leads", "messaging", "search")
ROOMS = (
    "search",
    "smscenter.accounts",
    "smscenter.audit",
    "smscenter.view_as",
    "smscenter.notifications",
    "leads",
    "messaging",
    "smscenter.support",
    "smscenter.demo",
)

# How a text, a search, and a support request move through the code: what happens, and where.
LIVES: dict[str, list[tuple[str, str]]] = {
    "text": [
        ("A rep writes a text", "messaging.views.composer.message_new"),
        ("It's checked", "messaging.composing.preflight.check"),
        ("It's queued with an attempt", "messaging.outgoing.outbox.queue"),
        ("A worker looks for due attempts", "messaging.outgoing.pipeline.Pipeline"),
        ("It claims a share of each number's", "messaging.outgoing.claims.claim"),
        ("It stores that they begin", "messaging.outgoing.dispatch.begin"),
        ("Threads send them", "messaging.outgoing.carrier_threads.CarrierThreads"),
        ("Results are stored in groups", "messaging.outgoing.dispatch.store"),
        ("The carrier calls a webhook", "messaging.incoming.webhooks.receive"),
        ("The callback is stored", "messaging.incoming.events.store"),
        ("A worker processes new callbacks", "messaging.incoming.events.process_new"),
        ("Its receipt is processed", "messaging.incoming.receipts.record"),
        ("Its code becomes a reason", "messaging.diagnosis.code_map.read"),
        ("The text is an error", "messaging.outgoing.results.mark_undelivered"),
    ],
    "search": [
        ("Someone searches", "search.answering.list_pages.Listing"),
        ("The text becomes a tree", "search.language.parser.parse"),
        ("Names become search fields", "search.words.vocabulary.Vocabulary"),
        ("The tree becomes a filter", "search.answering.compiler.Compiler"),
        ("A sentence explains it", "search.guidance.interpretation.describe_query"),
        ("One page of rows is read", "search.answering.paging.page_of"),
    ],
    "request": [
        ("A rep requests whitelisting", "smscenter.support.requests.whitelist_form"),
        ("Support takes it from the queue", "smscenter.support.review.views.queue"),
        ("The carrier gets the evidence", "smscenter.support.review.packet"),
        ("Support decides", "smscenter.support.models.states.check_move"),
        ("The number is whitelisted", "smscenter.support.models.Whitelisting"),
        ("The rep is notified", "smscenter.support.mail.letters"),
    ],
}

# The code has no table of these: each move is one conditional UPDATE in messaging/outgoing.
ATTEMPT_MOVES = {
    "queued": {"sending": "claimed", "failed": "opted out since"},
    "sending": {
        "accepted": "the carrier has it",
        "failed": "the carrier refused it",
        "uncertain": "the carrier can't say",
        "queued": "released unsent",
    },
    "uncertain": {"accepted": "settled by a person", "failed": "settled by a person"},
    "accepted": {"failed": "a failure receipt"},
    "failed": {},
}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.path.insert(0, str(ROOT))
    import_module("django").setup()
    old = PAGE.read_text()
    new = BLOCK.sub(lambda block: block[1] + draw(block[2]) + block[3], old)
    if "--check" in sys.argv:
        if new != old:
            sys.stderr.write("docs/architecture.md is out of date: run docs/draw.py.\n")
        return int(new != old)
    PAGE.write_text(new)
    return 0


def draw(name: str) -> str:
    """Return a Mermaid diagram in a fenced block, by its name in the page."""
    kind, _, about = name.partition("-")
    lines = {
        "rooms": lambda: flow(arrows(ROOMS)),
        "shelves": lambda: flow(arrows(shelves(about))),
        "life": lambda: life(LIVES[about]),
        "states": lambda: states(moves(about)),
    }[kind]()
    return "\n".join(["```mermaid", *lines, "```", ""])


def arrows(nodes: Iterable[str]) -> dict[str, set[str]]:
    """Return which of these packages import which, without arrows that others imply.

    Raises graphlib.CycleError for a circle.
    """
    import grimp

    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    wanted = [node for node in nodes if node in graph.modules]
    for node in wanted:
        graph.squash_module(node)
    direct = {
        node: graph.find_modules_directly_imported_by(node) & set(wanted) - {node}
        for node in wanted
    }
    TopologicalSorter(direct).prepare()
    return {
        node: {to for to in ends if not any(_leads(direct, by, to) for by in ends - {to})}
        for node, ends in direct.items()
    }


def _leads(direct: Mapping[str, set[str]], start: str, end: str) -> bool:
    return end in direct[start] or any(_leads(direct, by, end) for by in direct[start])


def shelves(room: str) -> list[str]:
    """Return the folders of a room, without migrations, commands, and template tags."""
    folder = ROOT / room.replace(".", "/")
    return [
        f"{room}.{each.name}"
        for each in sorted(folder.iterdir())
        if (each / "__init__.py").exists()
        and each.name not in {"admin", "management", "migrations", "templatetags"}
    ]


def flow(ends: Mapping[str, set[str]]) -> list[str]:
    names = {node: node.rpartition(".")[2] for node in ends}
    return [
        "flowchart TD",
        *(f"    {names[node]}" for node in ends),
        *(f"    {names[node]} --> {names[to]}" for node in ends for to in sorted(ends[node])),
    ]


def life(steps: list[tuple[str, str]]) -> list[str]:
    for _, path in steps:
        check_exists(path)
    return [
        "flowchart TD",
        *(f'    s{n}["{text}<br><code>{path}</code>"]' for n, (text, path) in enumerate(steps)),
        *(f"    s{n} --> s{n + 1}" for n in range(len(steps) - 1)),
    ]


def check_exists(path: str) -> None:
    """Raise ImportError or AttributeError unless this is a module, or something in one."""
    try:
        import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        getattr(import_module(module), name)


def moves(of: str) -> dict[str, dict[str, str]]:
    from messaging.models import Attempt
    from smscenter.support.models.states import MOVES

    if of == "request":
        return {state.value: {to.value: "" for to in sorted(MOVES[state])} for state in MOVES}
    if set(ATTEMPT_MOVES) != set(Attempt.State.values):
        raise ValueError("ATTEMPT_MOVES doesn't have the states of Attempt.")
    return ATTEMPT_MOVES


def states(table: Mapping[str, Mapping[str, str]]) -> list[str]:
    first = next(iter(table))
    lines = [
        f"    {state} --> {to}" + (f": {why}" if why else "")
        for state, ends in table.items()
        for to, why in ends.items()
    ]
    last = [f"    {state} --> [*]" for state, ends in table.items() if not ends]
    return ["stateDiagram-v2", f"    [*] --> {first}", *lines, *last]


if __name__ == "__main__":
    sys.exit(main())
