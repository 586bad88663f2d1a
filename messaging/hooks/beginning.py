"""What a new organization does first: try it with a phone of its own, add a number, and text."""

from collections.abc import Sequence

from django.conf import settings

from messaging import carriers
from messaging.composing import trial
from messaging.models import PhoneVerification, SenderNumber, SmsMessage
from messaging.models.permissions import SEND_TEXTS
from messaging.models.sender import TRIAL_TEXTS
from messaging.outgoing import verifying
from smscenter.accounts.models import Organization, User
from smscenter.accounts.pages.first_steps import Action, FirstStep, first_steps
from smscenter.accounts.pages.profile_facts import ProfileFact, profile_facts


def has_sender(organization: Organization) -> bool:
    return SenderNumber.objects.own().filter(organization=organization, active=True).exists()


def has_texted(organization: Organization) -> bool:
    texts = SmsMessage.objects.filter(organization=organization, automatic="")
    return texts.filter(direction=SmsMessage.Direction.OUTGOING).exists()


def has_phone(organization: Organization) -> bool:
    return PhoneVerification.objects.visible_in(organization.pk).verified().exists()


def own_phone(user: User) -> ProfileFact | None:
    """Return the user's verified phone for the profile, in installations with a trial."""
    if settings.TRIAL_SENDER is None or not user.has_perm(SEND_TEXTS):
        return None
    phone = verifying.verified_phone(user)
    label, action = (str(phone.number), "Change phone") if phone else ("None", "Verify a phone")
    return ProfileFact("Phone", label, "own_phone", action)


def _first_texts(_user: User) -> Sequence[Action]:
    if carriers.sample_failures():
        return [
            Action("Try a failure", "sample_failures", posts=True),
            Action("Choose a lead", "lead_list"),
        ]
    return [Action("Text yourself", "sender_list"), Action("Choose a lead", "lead_list")]


def _to_number(user: User) -> Sequence[Action]:
    actions = [Action("Add a number", "sender_new")]
    if verifying.verified_phone(user):
        actions.append(Action("Text yourself", "own_phone_text", posts=True))
    return actions


def _about_number(organization: Organization) -> str:
    if trial.is_on(organization):
        left = trial.left_today(organization)
        return f"To text anyone. In the trial, {left} of {TRIAL_TEXTS} texts are left today."
    if carriers.sample_failures():
        return "With the sandbox, any number works. Nothing goes to real phones."
    return "The number that your texts come from, at your carrier."


def _steps() -> list[FirstStep]:
    return [
        FirstStep(
            "phone",
            "Try it with your own phone",
            f"Verify your phone, and text it: {TRIAL_TEXTS} texts a day, without a sender number.",
            place=5,
            is_done=has_phone,
            actions=lambda _user: [Action("Verify your phone", "own_phone")],
            is_for=trial.is_on,
        ),
        FirstStep(
            "number",
            "Add a sender number",
            _about_number,
            place=10,
            is_done=has_sender,
            actions=_to_number,
        ),
        FirstStep(
            "text",
            "Send your first text",
            "If it fails, you'll see why, and what to do.",
            place=30,
            is_done=has_texted,
            actions=_first_texts,
        ),
    ]


profile_facts.register(own_phone)
for step in _steps():
    first_steps.register(step)
