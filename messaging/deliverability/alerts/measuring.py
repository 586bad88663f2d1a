"""Measure what alerts are about, for one organization."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q

from messaging.deliverability.tallies import Tally
from messaging.models import Alert, AlertSettings, Attempt, CarrierCode, SenderNumber, SmsMessage
from messaging.models.reason import Reason
from smscenter.accounts.models import Organization

Cause = Alert.Cause
# An alert is over when it's this much below what started it, so that it doesn't come and go.
OVER = 0.6
Key = tuple[str, str]


@dataclass(frozen=True)
class Group:
    """Texts with the same carrier, sender number, and reason; without a reason if not failed."""

    carrier: str
    sender: str
    reason: str
    texts: int


@dataclass(frozen=True)
class Problem:
    """What's wrong: its cause and subject, and the texts. It's `severe` if it starts an alert."""

    cause: Cause
    subject: str
    failed: int
    texts: int
    severe: bool

    @property
    def key(self) -> Key:
        return self.cause, self.subject


@dataclass
class Measured:
    """The texts of the last hours. `known` are the open alerts, whose failures count only once."""

    organization: Organization
    limits: AlertSettings
    now: datetime
    known: Collection[Key]
    found: list[Problem] = field(default_factory=list)

    @property
    def since(self) -> datetime:
        return self.now - timedelta(hours=self.limits.hours)

    def problems(self) -> list[Problem]:
        """Return what's wrong. Failures that one problem explains count for no other one.

        A code or a reason says more than a number, and a number more than a carrier. But what is
        explained already stays so.
        """
        groups = _groups(self.organization, self.since)
        everything = sum(group.texts for group in groups)
        self._codes()
        explained = {Reason.UNKNOWN} if self._is_found(Cause.CODES) else set()
        groups = [group for group in groups if group.reason not in explained]
        for cause in self._order():
            groups = self._explain(cause, groups, everything)
        self._waiting()
        return self.found

    def _order(self) -> list[Cause]:
        """Return the causes, those with open alerts first."""
        causes = [Cause.REASON, Cause.SENDER, Cause.CARRIER]
        return sorted(causes, key=lambda cause: not any(key[0] == cause for key in self.known))

    def _explain(self, cause: Cause, groups: list[Group], everything: int) -> list[Group]:
        """Note the problems with this cause, and return the groups that they don't explain."""
        subject_of: Callable[[Group], str] = lambda group: str(getattr(group, cause))  # noqa: E731
        tallies: dict[str, Tally] = defaultdict(Tally)
        for group in groups:
            if subject_of(group) or group.reason:
                failed = group.texts if group.reason else 0
                tallies[subject_of(group)].add(Tally(failed=failed, sent=group.texts - failed))
        percent = getattr(self.limits, f"{cause}_percent")
        for subject, tally in tallies.items():
            if subject:
                texts = everything if cause == Cause.REASON else tally.outgoing
                self._note(cause, subject, tally.failed, texts, percent)
        bad = {problem.subject for problem in self.found if problem.cause == cause}
        return [group for group in groups if not group.reason or subject_of(group) not in bad]

    def _note(self, cause: Cause, subject: str, failed: int, texts: int, percent: int) -> None:
        """Note a problem that starts an alert, or that isn't over yet."""
        share = 100 * failed / texts if texts else 0
        severe = failed >= self.limits.fewest and share >= percent
        lasts = failed >= OVER * self.limits.fewest and share >= OVER * percent
        if severe or (lasts and (cause, subject) in self.known):
            self.found.append(Problem(cause, subject, failed, texts, severe))

    def _codes(self) -> None:
        if not self.limits.codes:
            return
        codes = CarrierCode.objects.filter(known=False).values_list("code", flat=True)
        attempts = Attempt.objects.with_codes(codes).filter(
            organization=self.organization, created__gte=self.since
        )
        number = attempts.values("message").distinct().count() if codes else 0
        if number >= self.limits.fewest or (number and (Cause.CODES, "") in self.known):
            self.found.append(Problem(Cause.CODES, "", number, number, severe=True))

    def _waiting(self) -> None:
        due = self.now - timedelta(minutes=self.limits.waiting_minutes)
        # A number that reached its daily limit lets texts wait on purpose.
        held = Q(sender__next_send_at__gt=self.now)
        attempts = Attempt.objects.filter(
            state=Attempt.State.QUEUED, organization=self.organization
        ).exclude(held)
        number = attempts.filter(due__lte=due).count()
        if number >= self.limits.fewest or (number and (Cause.WAITING, "") in self.known):
            self.found.append(Problem(Cause.WAITING, "", number, number, severe=True))

    def _is_found(self, cause: Cause) -> bool:
        return any(problem.cause == cause for problem in self.found)


def _groups(organization: Organization, since: datetime) -> list[Group]:
    texts = SmsMessage.objects.visible_in(organization.pk).filter(
        created__gte=since, status__in=[SmsMessage.Status.SENT, SmsMessage.Status.ERROR]
    )
    rows = texts.order_by().values_list("sender", "reason").annotate(texts=Count("*"))
    found = list(rows)
    senders = SenderNumber.objects.in_bulk({sender for sender, _, _ in found if sender})
    return [
        Group(senders[sender].carrier if sender else "", str(sender or ""), reason, texts)
        for sender, reason, texts in found
    ]
