"""Requests to carriers about claimed attempts, and what follows from their results.

A crash at any point neither loses a text nor sends it twice. An attempt whose lease has expired is
claimed again. Then the carrier recognizes its key, or is asked first whether it has the text. A
worker that was paused and resumes too late sends nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

import structlog
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.utils import timezone

from messaging import carriers
from messaging.carriers import Accepted, Carrier, CarrierError, OutgoingSms, breaker
from messaging.carriers.deadlines import Deadline, TooLateError
from messaging.diagnosis.failures import Failure
from messaging.models import Attempt, OptOut, PhoneVerification, SmsMessage
from messaging.models.phone_verification import HIDDEN_CODE, without_codes
from messaging.models.reason import Reason
from messaging.outgoing import claims, matching, overdue, picture_links, results
from messaging.outgoing.claims import Claim
from messaging.outgoing.tracing import traced

log = structlog.get_logger(__name__)

# How often a text may be taken over from a worker that disappeared. Then a person decides.
TAKEOVERS = 2
# How often a carrier without idempotency keys has to report that it doesn't have a text before the
# text is resent, once. A carrier may not find a text yet that it got a moment ago.
MISSES = 2


@dataclass(frozen=True)
class CarrierRequest:
    """One request to a carrier: sends an attempt's text, or looks up whether the carrier has it.

    `is_repeat` is true if an earlier request may have reached the carrier, `opted_out` if the
    person has opted out since, so that the text must not be sent.
    """

    attempt: Attempt
    carrier: Carrier
    lease: uuid.UUID
    begin_by: Deadline
    is_lookup: bool
    is_repeat: bool
    opted_out: bool
    # What the text says in place of the placeholder that's stored, if anything.
    code: str = ""

    def run(self) -> Result:
        """Make the request, in a thread."""
        with traced(self.attempt):
            log.info("attempt_started", carrier=self.attempt.carrier, lookup=self.is_lookup)
            try:
                return Result(self, [self._shown(text) for text in self._texts()])
            except CarrierError as error:
                error.raw, error.words = without_codes(error.raw), without_codes(error.words)
                return Result(self, error=error)
            except TooLateError as error:
                return Result(self, error=error)

    def _shown(self, text: Accepted) -> Accepted:
        """Return what can be stored of a text, which members can read: no codes."""
        is_trial = self.attempt.sender is not None and self.attempt.sender.trial
        return replace(text, raw=without_codes(text.raw)) if is_trial else text

    def _texts(self) -> list[Accepted]:
        """Return the text as the carrier has it; from a lookup, all that could be it.

        Raises CarrierError and TooLateError.
        """
        if self.begin_by.has_passed():
            raise TooLateError
        try:
            if self.is_lookup:
                started = self.attempt.started or self.attempt.due
                return self.carrier.find(self._sms, started)
            return [self.carrier.send(self._sms)]
        except (CarrierError, TooLateError):
            raise
        except Exception as error:
            # A bug. It's unknown whether the carrier got the text.
            log.exception("attempt_crashed")
            raise CarrierError("", ambiguous=True, raw={"fault": repr(error)}) from error
        finally:
            connection.close()

    @property
    def _sms(self) -> OutgoingSms:
        message = self.attempt.message
        text = message.sent_text or message.text
        if self.code:
            text = text.replace(HIDDEN_CODE, self.code)
        return OutgoingSms(
            self.attempt.key,
            message.local_phone,
            message.remote_phone,
            text,
            self.begin_by,
            self.attempt.account,
            # Threads make no queries: the claim has read the sender number.
            service=self.attempt.sender.messaging_service if self.attempt.sender else "",
            picture_url=picture_links.link(message.picture["file"]) if message.picture else "",
        )


@dataclass(frozen=True)
class Result:
    """What a carrier answered: texts, or an error."""

    request: CarrierRequest
    texts: list[Accepted] = field(default_factory=list)
    error: CarrierError | TooLateError | None = None

    @property
    def is_accepted(self) -> bool:
        return self.error is None and not self.request.is_lookup


def begin(claim: Claim, attempts: Sequence[Attempt]) -> list[CarrierRequest]:
    """Return the requests to make now, after storing that these attempts begin."""
    if waiting := [attempt for attempt in attempts if breaker.holds_back(attempt)]:
        claims.release(claim, waiting)
        attempts = [attempt for attempt in attempts if attempt not in waiting]
    opted_out, codes = _opted_out(attempts), _codes(attempts)
    requests = []
    for attempt in attempts:
        with traced(attempt):
            if request := _first_request(attempt, claim, opted_out=attempt in opted_out):
                code = codes.get(attempt.message_id, "")
                requests.append(replace(request, code=code) if code else request)
    begun = claims.begin(claim, [request.attempt for request in requests])
    return [request for request in requests if request.attempt in begun]


def _first_request(attempt: Attempt, claim: Claim, *, opted_out: bool) -> CarrierRequest | None:
    """Return the first request of an attempt, or None if it ends without one."""
    is_repeat = attempt.started is not None
    if not is_repeat and (reason := _reason_not_to_begin(attempt, opted_out=opted_out)):
        results.mark_failed(attempt, Failure(reason), lease=claim.lease)
        return None
    if opening := overdue.opening_for(attempt, timezone.now()):
        claims.postpone(attempt, claim.lease, due=opening)
        return None
    if attempt.takeovers > TAKEOVERS:
        results.mark_uncertain(attempt, lease=claim.lease)
        log.warning("too_many_takeovers", carrier=attempt.carrier)
        return None
    try:
        carrier = carriers.configured(attempt.carrier, attempt.account)
    except KeyError:
        _end_without_carrier(attempt, claim, may_have_arrived=is_repeat)
        return None
    if attempt.message.picture and carrier.picture_rules is None:
        # The sender number has another carrier since.
        failure = Failure(Reason.SENDER_CONFIG, words=f"{carrier.label} can't send pictures.")
        results.mark_failed(attempt, failure, lease=claim.lease)
        return None
    is_lookup = is_repeat and (opted_out or not carrier.takes_idempotency_key)
    return CarrierRequest(
        attempt, carrier, claim.lease, claim.begin_by, is_lookup, is_repeat, opted_out
    )


def _reason_not_to_begin(attempt: Attempt, *, opted_out: bool) -> Reason | None:
    if opted_out:
        return Reason.OPTED_OUT
    return Reason.EXPIRED if overdue.is_late_code(attempt.message, timezone.now()) else None


def _end_without_carrier(attempt: Attempt, claim: Claim, *, may_have_arrived: bool) -> None:
    """End an attempt whose carrier or account isn't set up. If it began, no one can be asked."""
    name = f"{attempt.carrier} {attempt.account}".strip()
    words = f"The carrier {name} isn't set up."
    if may_have_arrived:
        results.mark_uncertain(attempt, lease=claim.lease, carrier_words=words)
        return
    results.mark_failed(attempt, Failure(Reason.SENDER_CONFIG, words=words), lease=claim.lease)


def _opted_out(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Return the attempts to people who opted out of texts from this sender."""
    refused = OptOut.objects.refused(attempt.message for attempt in attempts)
    return [attempt for attempt in attempts if attempt.message_id in refused]


def _codes(attempts: Sequence[Attempt]) -> dict[int, str]:
    """Return the codes that these texts bring, by message. They aren't stored."""
    ids = [a.message_id for a in attempts if a.message.automatic == SmsMessage.Automatic.CODE]
    if not ids:
        return {}
    rows = PhoneVerification.objects.filter(message__in=ids)
    return {row.message_id: row.code for row in rows if row.message_id}


def store(finished: Sequence[Result]) -> list[CarrierRequest]:
    """Store these results in one transaction. Return the attempts' next requests.

    The result of an attempt whose lease was lost changes nothing. Raises OperationalError and
    InterfaceError if the database failed, and then nothing is stored.
    """
    _record_responses(finished)
    try:
        return _store(finished, together=True)
    except (OperationalError, InterfaceError):
        raise
    except (DatabaseError, TypeError, ValueError):
        # One can't be stored: its ID is that of another attempt, or its response is strange.
        return _store(finished, together=False)


def _record_responses(finished: Iterable[Result]) -> None:
    """Record which carriers respond, before deciding what becomes of the attempts."""
    for result in finished:
        if not isinstance(result.error, TooLateError):
            request = result.request
            with traced(request.attempt):
                breaker.record(request.attempt, result.error, is_lookup=request.is_lookup)


def _store(finished: Sequence[Result], *, together: bool) -> list[CarrierRequest]:
    """Store these results, accepted texts `together` or one by one."""
    grouped = [r for r in finished if together and r.is_accepted]
    with transaction.atomic():
        attempts = [result.request.attempt for result in finished]
        leases = results.lock(attempts, leads=len(grouped) < len(finished))
        ours = [r for r in finished if leases.get(r.request.attempt.pk) == r.request.lease]
        accepted = {r.request.attempt: r.texts[0] for r in ours if together and r.is_accepted}
        results.mark_all_accepted(accepted)
        others = [r for r in ours if r.request.attempt not in accepted]
        following = [_store_one(result) for result in others]
    for attempt, text in accepted.items():
        attempt.carrier_id = text.carrier_id
    return [request for request in following if request]


def _store_one(result: Result) -> CarrierRequest | None:
    """Store a result. Return the attempt's next request, if any.

    A bug here must not keep the other results from being stored. This attempt is claimed again when
    its lease has expired.
    """
    with traced(result.request.attempt):
        try:
            with transaction.atomic():
                return _close(result)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("result_not_stored")
            return None


def log_finished(finished: Iterable[Result]) -> None:
    for result in finished:
        with traced(result.request.attempt):
            log.info("attempt_finished", accepted=bool(result.request.attempt.carrier_id))


def _close(result: Result) -> CarrierRequest | None:
    request, lease, error = result.request, result.request.lease, result.error
    if isinstance(error, TooLateError):
        _return_unsent(request, lease)
        return None
    try:
        if error:
            raise error
        found = result.texts
        text = matching.match(request.attempt, found) if request.is_lookup else found[0]
    except CarrierError as error:
        _close_with_error(request, error, lease)
        return None
    if text is None:
        return _after_miss(request, lease)
    _accept(request.attempt, text, lease)
    return None


def _after_miss(request: CarrierRequest, lease: uuid.UUID) -> CarrierRequest | None:
    """Decide what to do about a text that the carrier doesn't have."""
    attempt = request.attempt
    if not results.record_miss(attempt, lease=lease):
        return None
    if attempt.misses < MISSES:
        results.check_again(attempt, lease=lease)
    elif request.opted_out:
        results.mark_failed(attempt, Failure(Reason.OPTED_OUT), lease=lease)
    elif attempt.misses > MISSES:
        # It already got the text twice.
        results.mark_uncertain(attempt, lease=lease)
    else:
        return replace(request, is_lookup=False)
    return None


def _return_unsent(request: CarrierRequest, lease: uuid.UUID) -> None:
    """Undo the beginning of an attempt for which nothing was sent in time."""
    log.warning("attempt_too_late", carrier=request.attempt.carrier)
    is_second_sending = request.is_repeat and not request.is_lookup and request.attempt.misses > 0
    claims.undo_begin(request.attempt, lease, first=not request.is_repeat, missed=is_second_sending)


def _close_with_error(request: CarrierRequest, error: CarrierError, lease: uuid.UUID) -> None:
    """Store an error, or check later if the carrier may have the text anyway.

    A failed lookup says nothing about the text itself, and an error of a repeated request says
    nothing about the first one. A new attempt would have another key, so the person could get the
    text twice.
    """
    attempt = request.attempt
    if breaker.is_paused(attempt.carrier) and breaker.is_carriers_fault(attempt.carrier, error):
        _wait(request, error, lease)
    elif request.is_lookup or error.ambiguous:
        results.check_later(attempt, error, lease=lease)
    else:
        failure = Failure.of(attempt.carrier, error)
        may_have_arrived = request.is_repeat and attempt.misses < MISSES
        if may_have_arrived and failure.retry.is_automatic:
            results.check_later(attempt, error, lease=lease)
        else:
            results.mark_failed(attempt, failure, lease=lease)
    _warn(request, error)


def _wait(request: CarrierRequest, error: CarrierError, lease: uuid.UUID) -> None:
    """Let an attempt wait until its carrier responds again.

    A text that was resent without a clear response keeps its misses, so that it's never sent a
    third time. HTTP 503 is clear: the carrier doesn't accept texts.
    """
    is_clear = not error.ambiguous or error.status == HTTPStatus.SERVICE_UNAVAILABLE
    misses = 0 if is_clear and not request.is_lookup else request.attempt.misses
    may_have_arrived = request.is_repeat or error.ambiguous
    claims.wait(request.attempt, lease, misses=misses, may_have_arrived=may_have_arrived)


def _warn(request: CarrierRequest, error: CarrierError) -> None:
    """Log the error without phone numbers and texts."""
    attempt = request.attempt
    newest = Attempt.objects.filter(message=attempt.message_id).order_by("number").last()
    again = None
    if newest and newest.state == Attempt.State.SENDING:
        again = newest.lease_until
    elif newest and newest.state == Attempt.State.QUEUED and not breaker.holds_back(newest):
        again = newest.due
    log.warning(
        "carrier_error",
        carrier=attempt.carrier,
        request="find" if request.is_lookup else "send",
        status=error.status or None,
        code=error.code or None,
        fault=type(error.__cause__).__name__ if error.__cause__ else None,
        ambiguous=error.ambiguous,
        again=again.isoformat() if again else None,
    )


def _accept(attempt: Attempt, accepted: Accepted, lease: uuid.UUID) -> None:
    try:
        if results.mark_accepted(attempt, accepted, lease=lease):
            attempt.carrier_id = accepted.carrier_id
    except IntegrityError:
        # Two equal texts, and the other attempt found this one first.
        results.check_later(attempt, CarrierError("", ambiguous=True), lease=lease)
