"""The two demo organizations: people, numbers, statuses, fields, and templates."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from leads.models import CustomField, LeadStatus
from messaging.models import MessageTemplate, SenderNumber
from messaging.models.reason import Reason
from messaging.models.registration import CARRIERS_ZONE, RegistrationStatus
from search.models import SavedView
from smscenter.accounts.models import Organization, User
from smscenter.demo import texts

DAILY_CAP = 2_000
STATUSES = {"Potential": 40, "Contacted": 18, "Qualified": 16, "Customer": 14, "Trial Expired": 6,
            "Bad Fit": 6}  # fmt: skip
SOURCES = ["Website", "Referral", "Trade show", "Cold call", "Yard sign"]
FIELDS: dict[str, dict[str, Any]] = {
    "Source": {"kind": "choice", "choices": SOURCES},
    "Roof area": {"kind": "number"},
    "Monthly bill": {"kind": "number"},
    "Trial ends": {"kind": "date"},
    "Utility": {"kind": "text"},
    "Installer": {"kind": "user"},
}
# Shared by the manager: the name, what is searched, and the query.
VIEWS = [
    ("Failed today", "lead", "sms(created:today direction:outgoing status:error)"),
    ("Last text failed", "lead", "latest_sms_status:error"),
    ("Qualified, quiet", "lead", "status:qualified last_activity > 14 days ago"),
    (str(Reason.SPAM.label), "message", "reason:spam"),
]


@dataclass
class Cast:
    """An organization with the rows that others refer to."""

    organization: Organization
    users: list[User]
    main: SenderNumber
    statuses: list[LeadStatus]
    fields: dict[str, CustomField] = field(default_factory=dict)
    templates: list[MessageTemplate] = field(default_factory=list)
    own: SenderNumber | None = None
    unregistered: SenderNumber | None = None
    retired: SenderNumber | None = None
    reminders: SenderNumber | None = None

    @property
    def rep(self) -> User:
        return self.users[0]

    def sender_of(self, user: User | None) -> SenderNumber:
        return self.own if self.own and user == self.own.owner else self.main


def _user(
    username: str,
    name: str,
    organization: Organization | None,
    *,
    signs_in: bool = False,
    **more: Any,
) -> User:
    """Create a user. If they can sign in, the password is the name."""
    first, last = name.split()
    return User.objects.create_user(
        username,
        f"{username}@northwindsolar.example",
        first_name=first,
        last_name=last,
        organization=organization,
        password=username if signs_in else None,
        **more,
    )


def staff() -> None:
    """Create the installation's staff. A migration gives the Support group its permissions."""
    _user("admin", "Alex Admin", None, signs_in=True, is_staff=True, is_superuser=True)
    group = Group.objects.get(name="Support")
    group.user_set.add(
        _user("support", "Sam Okafor", None, signs_in=True, is_staff=True),
        _user("lena", "Lena Marsh", None, is_staff=True),
    )


def demo() -> Cast:
    organization = Organization.objects.create(
        name="Northwind Solar",
        slug="demo",
        time_zone="America/New_York",
        # So that the inbox shows unknown numbers.
        unknown_senders_become_leads=False,
    )
    rep = _user("rep", "Robin Hale", organization, signs_in=True)
    users = [
        rep,
        _user("dana", "Dana Whitfield", organization),
        _user("jesse", "Jesse Park", organization),
        _user("manager", "Morgan Diaz", organization, signs_in=True, role=User.Role.OWNER),
    ]
    cast = Cast(
        organization,
        users,
        main=_sender(organization, "+12125550100", "Main line", daily_cap=DAILY_CAP),
        statuses=_statuses(organization),
        fields=_fields(organization),
        templates=_templates(organization),
    )
    cast.own = _sender(organization, "+16465550142", "Robin direct", owner=rep)
    cast.unregistered = _sender(
        organization,
        "+15125550117",
        "Texas (new)",
        campaign_status=RegistrationStatus.REJECTED,
        registration_note="The sample texts don't say which company they're from.",
    )
    cast.retired = _sender(organization, "+18025550166", "Old line", active=False, carrier="telnyx")
    cast.reminders = _sender(
        organization,
        "+18885550164",
        "Reminders",
        registration=SenderNumber.Kind.TOLL_FREE,
        verification_id="HH3f2a9c04",
        verification_status=RegistrationStatus.APPROVED,
        # The carrier took them already, so that the composer shows what happens then.
        daily_cap=DAILY_CAP,
        cap_used=DAILY_CAP,
        cap_day=timezone.now().astimezone(CARRIERS_ZONE).date(),
    )
    _views(organization, owner=users[-1])
    return cast


def _views(organization: Organization, owner: User) -> None:
    for position, (name, model, query) in enumerate(VIEWS, start=1):
        SavedView.objects.create(
            organization=organization,
            owner=owner,
            shared=True,
            name=name,
            model=model,
            query=query,
            position=position,
        )


def rival() -> Cast:
    organization = Organization.objects.create(
        name="Brightside Energy", slug="rival", time_zone="America/Chicago"
    )
    users = [_user("rival_rep", "Quinn Baxter", organization, signs_in=True)]
    main = _sender(organization, "+13125550111", "Front desk")
    return Cast(organization, users, main, _statuses(organization))


def _sender(organization: Organization, phone: str, label: str, **more: Any) -> SenderNumber:
    defaults = {
        "carrier": "sandbox",
        "registration": SenderNumber.Kind.TEN_DLC,
        "brand_id": "BQ7X2LM",
        "brand_status": RegistrationStatus.APPROVED,
        "campaign_id": "CK4M9TR",
        "campaign_status": RegistrationStatus.APPROVED,
    }
    return SenderNumber.objects.create(
        organization=organization, phone=phone, label=label, **defaults | more
    )


def _statuses(organization: Organization) -> list[LeadStatus]:
    return [
        LeadStatus.objects.create(
            organization=organization,
            label=label,
            position=position,
            color=LeadStatus.Color.values[position % len(LeadStatus.Color)],
        )
        for position, label in enumerate(STATUSES)
    ]


def _fields(organization: Organization) -> dict[str, CustomField]:
    return {
        name: CustomField.objects.create(
            organization=organization, name=name, position=position, **kind
        )
        for position, (name, kind) in enumerate(FIELDS.items())
    }


def _templates(organization: Organization) -> list[MessageTemplate]:
    return [
        MessageTemplate.objects.create(organization=organization, name=name, text=text)
        for name, text in texts.TEMPLATES.items()
    ]
