"""Define saved views: private, shared, nested, and of both organizations."""

from tests.search.differential.notation import Notation
from tests.search.differential.records import View, World
from tests.search.differential.trees import (
    Group,
    InView,
    Key,
    Name,
    Not,
    Number,
    Or,
    Phrase,
    Term,
    Tree,
    Word,
)

TODAY = Group("sms", Term("created", "=", Phrase("today")))
VIEWS: tuple[tuple[str, str, str, bool, Tree], ...] = (
    ("rita", "lead", "Mine", False, Term("owner", "=", Name("me"))),
    ("rita", "lead", "Not mine, today", False, Or((Not(InView("Mine")), TODAY))),
    ("carl", "lead", "Failed", True, Term("failed_sms", ">", Number(0))),
    ("carl", "lead", "My own", True, Term("owner", "=", Name("me"))),
    ("carl", "lead", "Private", False, Word("blue")),
    ("sam", "lead", "Failed", True, Term("failed_sms", "=", Number(0))),
    ("sam", "message", "All of rival", True, Not(Term("status", "=", Key("draft")))),
    ("rita", "message", "Errors", True, Term("status", "=", Key("error"))),
)


def with_views(world: World) -> World:
    kinds = {"lead": "lead", "message": "sms"}
    for username, model, name, shared, tree in VIEWS:
        owner = world.person(username)
        text = Notation(owner.office, kinds[model]).tree(tree)
        world.views.append(View(name, kinds[model], owner, shared, tree, text))
    return world
