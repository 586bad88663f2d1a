"""What a member works on, and who gets it when the member leaves. Apps register their own."""

from collections.abc import Callable
from dataclasses import dataclass

from smscenter.accounts.models import User
from smscenter.registry import Registry


@dataclass(frozen=True)
class Handover:
    """`count` returns how many of a member's `noun` are open; `reassign` gives them to another.

    `reassign` gets the member, the new owner or None, and who decided it.
    """

    noun: str
    count: Callable[[User], int]
    reassign: Callable[[User, User | None, User], object]


handovers: Registry[Handover] = Registry(key=lambda handover: handover.noun)


def work_of(member: User) -> list[tuple[str, int]]:
    """Return what the member would leave behind, as pairs of a noun and a number."""
    counted = [(each.noun, each.count(member)) for each in handovers]
    return [(noun + "s" * (number != 1), number) for noun, number in counted if number]


def hand_over(member: User, to: User | None, by: User) -> None:
    for each in handovers:
        each.reassign(member, to, by)
