"""Hand claimed attempts over to their carriers, by many threads.

A crash at any point loses nothing and doubles nothing. An attempt whose lease ran out is taken
again, and then the carrier knows it by its key, or is asked whether it has the text already. A
worker that was stopped and goes on later sends nothing any more.
"""

import uuid
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import cache

import structlog
from django.db import IntegrityError, connection

from messaging import carriers
from messaging.carriers import Accepted, Carrier, CarrierError, OutgoingSms
from messaging.carriers.deadlines import Deadline, TooLateError
from messaging.diagnosis.failures import Failure
from messaging.models import Attempt, OptOut, SmsMessage
from messaging.models.reason import Reason
from messaging.outgoing import claims, matching, results
from messaging.outgoing.claims import Claim
from messaging.outgoing.tracing import run_traced, traced

log = structlog.get_logger(__name__)

# How often a text may be taken over from a worker that vanished with it. Then a person decides.
TAKEOVERS = 2
# How often a carrier without idempotency keys has to say that it doesn't have a text before it gets
# the text again, once. What the carrier was given a moment ago it may not find yet.
MISSES = 2


@dataclass(frozen=True)
class Job:
    """One request to a carrier: the text of an attempt, or the question whether it has the text.

    `repeats` is true where an earlier request may have reached the carrier, `stopped` where the
    person opted out meanwhile, so that the text must not be sent.
    """

    attempt: Attempt
    carrier: Carrier
    begin_by: Deadline
    asks: bool
    repeats: bool
    stopped: bool

    def run(self) -> list[Accepted]:
        """Make the request, in a thread. Raises CarrierError and TooLateError.

        Returns the text as the carrier has it, or all that could be it.
        """
        log.info("handing_over", carrier=self.attempt.carrier, ask=self.asks)
        try:
            if self.asks:
                started = self.attempt.started or self.attempt.due
                return self.carrier.find(self._sms, started)
            return [self.carrier.send(self._sms)]
        except (CarrierError, TooLateError):
            raise
        except Exception as error:
            # A fault of ours, and nobody knows how far it came.
            log.exception("hand_over_failed")
            raise CarrierError("", ambiguous=True, raw={"fault": repr(error)}) from error
        finally:
            connection.close()

    @property
    def _sms(self) -> OutgoingSms:
        message = self.attempt.message
        text = message.sent_text or message.text
        return OutgoingSms(
            self.attempt.key, message.local_phone, message.remote_phone, text, self.begin_by
        )


Running = dict[Future[list[Accepted]], Job]


def hand_over(claim: Claim, threads: int) -> None:
    """Hand these attempts over to their carriers, and store the results.

    Threads talk to the carriers, and this one to the database.
    """
    waiting = deque(claim.attempts)
    running: Running = {}
    while waiting or running:
        if waiting and claim.begin_by.has_passed():
            claims.release(claim, waiting)
            waiting.clear()
        following = [waiting.popleft() for _ in range(min(threads - len(running), len(waiting)))]
        for job in _jobs(following, claim):
            running[_submit(job, threads)] = job
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            job = running.pop(future)
            if next_job := _finish(job, future, claim.lease):
                running[_submit(next_job, threads)] = next_job


def _submit(job: Job, threads: int) -> Future[list[Accepted]]:
    return _pool(threads).submit(run_traced, job.attempt, job.run)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="carrier")


def _jobs(attempts: list[Attempt], claim: Claim) -> Iterator[Job]:
    """What threads are to do about these, after it was written down that they begin."""
    stopped = _opted_out(attempts)
    jobs = []
    for attempt in attempts:
        with traced(attempt):
            if job := _job(attempt, claim, stopped=attempt in stopped):
                jobs.append(job)
    begun = claims.begin(claim, [job.attempt for job in jobs])
    return (job for job in jobs if job.attempt in begun)


def _job(attempt: Attempt, claim: Claim, *, stopped: bool) -> Job | None:
    """What to do first about an attempt; None if it is over already."""
    repeats = attempt.started is not None
    if stopped and not repeats:
        results.fail(attempt, Failure(Reason.OPTED_OUT), lease=claim.lease)
        return None
    if attempt.takeovers > TAKEOVERS:
        results.leave_to_person(attempt, lease=claim.lease)
        log.warning("taken_over_too_often", carrier=attempt.carrier)
        return None
    try:
        carrier = carriers.get(attempt.carrier)
    except KeyError:
        words = f"The carrier {attempt.carrier} is not set up here."
        results.fail(attempt, Failure(Reason.SENDER_CONFIG, words=words), lease=claim.lease)
        return None
    asks = repeats and (stopped or not carrier.takes_idempotency_key)
    return Job(attempt, carrier, claim.begin_by, asks=asks, repeats=repeats, stopped=stopped)


def _opted_out(attempts: list[Attempt]) -> list[Attempt]:
    """Those to people who want no more texts from this sender. One query."""
    messages = [attempt.message for attempt in attempts]
    wishes = OptOut.objects.in_force().filter(
        certain=True,
        recipient__organization__in={message.organization_id for message in messages},
        recipient__phone__in={message.remote_phone for message in messages},
    )
    known = set(wishes.values_list("organization", "recipient__phone", "sender"))

    def is_stopped(message: SmsMessage) -> bool:
        scopes = (None, message.sender_id)
        return any((message.organization_id, message.remote_phone, s) in known for s in scopes)

    return [attempt for attempt in attempts if is_stopped(attempt.message)]


def _finish(job: Job, future: Future[list[Accepted]], lease: uuid.UUID) -> Job | None:
    """Close the attempt, unless another worker holds it by now. Return what is to be done next.

    A fault here must not keep the other results from being written: this attempt is taken again
    when its lease has run out.
    """
    with traced(job.attempt):
        try:
            next_job = _close(job, future, lease)
            log.info("handed_over", accepted=bool(job.attempt.carrier_id))
        except Exception:
            log.exception("closing_failed")
            return None
    return next_job


def _close(job: Job, future: Future[list[Accepted]], lease: uuid.UUID) -> Job | None:
    try:
        found = future.result()
        text = matching.match(job.attempt, found) if job.asks else found[0]
    except TooLateError:
        _give_back(job, lease)
        return None
    except CarrierError as error:
        _close_with_error(job, error, lease)
        return None
    if text is None:
        return _after_miss(job, lease)
    _accept(job.attempt, text, lease)
    return None


def _after_miss(job: Job, lease: uuid.UUID) -> Job | None:
    """The carrier says that it doesn't have the text."""
    attempt = job.attempt
    if not results.note_miss(attempt, lease=lease):
        return None
    if attempt.misses < MISSES:
        results.confirm_later(attempt, lease=lease)
    elif job.stopped:
        results.fail(attempt, Failure(Reason.OPTED_OUT), lease=lease)
    elif attempt.misses > MISSES:
        # It was given the text twice.
        results.leave_to_person(attempt, lease=lease)
    else:
        return replace(job, asks=False)
    return None


def _give_back(job: Job, lease: uuid.UUID) -> None:
    """This worker was stopped, or too slow, and sent nothing: as if it had not begun."""
    log.warning("hand_over_too_late", carrier=job.attempt.carrier)
    is_second_sending = job.repeats and not job.asks and job.attempt.misses > 0
    claims.undo(job.attempt, lease, first=not job.repeats, missed=is_second_sending)


def _close_with_error(job: Job, error: CarrierError, lease: uuid.UUID) -> None:
    """An error of a question says nothing about the text, and one of a repeated request nothing
    about the request before: with another attempt, which has another key, it could come twice.
    """
    attempt = job.attempt
    if job.asks or error.ambiguous:
        results.ask_later(attempt, error, lease=lease)
    else:
        failure = Failure.of(attempt.carrier, error)
        may_have_arrived = job.repeats and attempt.misses < MISSES
        if may_have_arrived and failure.transient:
            results.ask_later(attempt, error, lease=lease)
        else:
            results.fail(attempt, failure, lease=lease)
    _warn(job, error)


def _warn(job: Job, error: CarrierError) -> None:
    """Without numbers and words, which do not belong in a log."""
    attempt = job.attempt
    newest = Attempt.objects.filter(message=attempt.message_id).order_by("number").last()
    again = None
    if newest and newest.state == Attempt.State.SENDING:
        again = newest.lease_until
    elif newest and newest.state == Attempt.State.QUEUED:
        again = newest.due
    log.warning(
        "carrier_error",
        carrier=attempt.carrier,
        request="find" if job.asks else "send",
        status=error.status or None,
        code=error.code or None,
        fault=type(error.__cause__).__name__ if error.__cause__ else None,
        ambiguous=error.ambiguous,
        again=again.isoformat() if again else None,
    )


def _accept(attempt: Attempt, accepted: Accepted, lease: uuid.UUID) -> None:
    try:
        if results.accept(attempt, accepted, lease=lease):
            attempt.carrier_id = accepted.carrier_id
    except IntegrityError:
        # Two equal texts, and the other attempt found this one first: ask once more, later.
        results.ask_later(attempt, CarrierError("", ambiguous=True), lease=lease)
