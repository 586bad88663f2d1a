"""What a new organization does first: add a number, and send a text."""

from collections.abc import Sequence

from messaging import carriers
from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.first_steps import Action, FirstStep
from smscenter.accounts.models import Organization, User


def has_sender(organization: Organization) -> bool:
    return SenderNumber.objects.filter(organization=organization, active=True).exists()


def has_texted(organization: Organization) -> bool:
    texts = SmsMessage.objects.filter(organization=organization)
    return texts.filter(direction=SmsMessage.Direction.OUTGOING).exists()


def _first_texts(_user: User) -> Sequence[Action]:
    if carriers.sample_failures():
        return [
            Action("Try a failure", "sample_failures", posts=True),
            Action("Choose a lead", "lead_list"),
        ]
    return [Action("Text yourself", "sender_list"), Action("Choose a lead", "lead_list")]


def _number() -> FirstStep:
    description = "The number that your texts come from, at your carrier."
    if carriers.sample_failures():
        description = "With the sandbox, any number works. Nothing goes to real phones."
    return FirstStep(
        "number",
        "Add a sender number",
        description,
        place=10,
        is_done=has_sender,
        actions=lambda _user: [Action("Add a number", "sender_new")],
    )


def first_steps() -> list[FirstStep]:
    return [
        _number(),
        FirstStep(
            "text",
            "Send your first text",
            "If it fails, you see why, and what to do.",
            place=30,
            is_done=has_texted,
            actions=_first_texts,
        ),
    ]
