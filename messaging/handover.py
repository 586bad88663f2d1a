"""From the queue to the carrier: attempts are claimed, handed over by many threads, and closed.

A crash at any point loses nothing and doubles nothing. An attempt whose lease ran out is taken
again, and then the carrier knows it by its key, or is asked whether it has the text already.
"""

import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache, partial

import structlog
from django.db import IntegrityError, connection
from django.utils import timezone

from messaging import carriers, claiming, closing, receiving
from messaging.carriers import Accepted, Carrier, CarrierError, OutgoingSms
from messaging.claiming import Claim
from messaging.failures import Failure
from messaging.models import Attempt, OptOut, SmsMessage
from messaging.reasons import Reason
from messaging.tracing import run_traced, traced

log = structlog.get_logger(__name__)

Call = Callable[[], Accepted | None]


def send_due(limit: int = 100, threads: int = 20) -> int:
    """Take up to `limit` due attempts and hand them over. Answers how many were handled.

    A process calls this from one thread only; any number of processes may do so at once.
    """
    now = timezone.now()
    if not Attempt.objects.claimable(now).exists():
        return 0
    claim = claiming.claim(limit, now)
    receiving.apply_early(_hand_over_all(claim, threads))
    return len(claim.attempts)


def _hand_over_all(claim: Claim, threads: int) -> list[Attempt]:
    """Threads talk to the carriers, and this one to the database. Answers what was accepted."""
    waiting = deque(claim.attempts)
    running: dict[Future[Accepted | None], Attempt] = {}
    accepted = []
    while waiting or running:
        if waiting and timezone.now() > claim.hand_over_by:
            claiming.release(claim, waiting)
            waiting.clear()
        following = [waiting.popleft() for _ in range(min(threads - len(running), len(waiting)))]
        stopped = _opted_out(following)
        for attempt in following:
            with traced(attempt):
                call = _call(attempt, claim.lease, stopped=attempt in stopped)
            if call:
                running[_pool(threads).submit(run_traced, attempt, call)] = attempt
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        accepted += [a for future in done if _finish(a := running.pop(future), future, claim.lease)]
    return accepted


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="carrier")


def _call(attempt: Attempt, lease: uuid.UUID, *, stopped: bool) -> Call | None:
    """What a thread is to do: nothing for a person who opted out while the text waited."""
    handed_over_before = attempt.claims > 1
    if stopped and not handed_over_before:
        closing.fail(attempt, Failure(Reason.OPTED_OUT), lease=lease)
        return None
    try:
        carrier = carriers.get(attempt.carrier)
    except KeyError:
        words = f"The carrier {attempt.carrier} is not set up here."
        closing.fail(attempt, Failure(Reason.SENDER_CONFIG, words=words), lease=lease)
        return None
    ask = handed_over_before and (stopped or not carrier.takes_idempotency_key)
    return partial(_ask_or_send, carrier, attempt, ask=ask, send=not stopped)


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


def _ask_or_send(carrier: Carrier, attempt: Attempt, *, ask: bool, send: bool) -> Accepted | None:
    """Runs in a thread. Raises CarrierError; answers nothing for a text that was not to be sent."""
    message = attempt.message
    text = message.sent_text or message.text
    sms = OutgoingSms(attempt.key, message.local_phone, message.remote_phone, text)
    log.info("handing_over", carrier=attempt.carrier, ask=ask)
    try:
        if ask and (found := _find(carrier, sms, attempt)):
            return found
        return carrier.send(sms) if send else None
    except CarrierError:
        raise
    except Exception as error:
        # A fault of ours, and nobody knows how far it came.
        log.exception("hand_over_failed")
        raise CarrierError("", ambiguous=True, raw={"fault": repr(error)}) from error
    finally:
        connection.close()


def _find(carrier: Carrier, sms: OutgoingSms, attempt: Attempt) -> Accepted | None:
    """An error of the question is none of the text: that remains unknown."""
    try:
        # Nothing was handed over before it was due.
        return carrier.find(sms, attempt.due)
    except CarrierError as error:
        raise CarrierError(
            error.words, permanent=error.permanent, ambiguous=True, raw=error.raw
        ) from error


def _finish(attempt: Attempt, future: Future[Accepted | None], lease: uuid.UUID) -> bool:
    """Close the attempt, unless another worker holds it by now. Answers whether it was accepted.

    A fault here must not keep the other results from being written: this attempt is taken again
    when its lease has run out.
    """
    with traced(attempt):
        try:
            accepted = _close(attempt, future, lease)
            log.info("handed_over", accepted=accepted)
        except Exception:
            log.exception("closing_failed")
            return False
    return accepted


def _close(attempt: Attempt, future: Future[Accepted | None], lease: uuid.UUID) -> bool:
    try:
        accepted = future.result()
    except CarrierError as error:
        if error.ambiguous:
            closing.ask_later(attempt, error, lease=lease)
        else:
            closing.fail(attempt, Failure.of(attempt.carrier, error), lease=lease)
        return False
    if accepted is None:
        closing.fail(attempt, Failure(Reason.OPTED_OUT), lease=lease)
        return False
    return _accept(attempt, accepted, lease)


def _accept(attempt: Attempt, accepted: Accepted, lease: uuid.UUID) -> bool:
    try:
        attempt.carrier_id = accepted.carrier_id
        return closing.accept(attempt, accepted, lease=lease)
    except IntegrityError:
        # Two equal texts, and the other attempt found this one first: ask once more, later.
        closing.ask_later(attempt, CarrierError("", ambiguous=True), lease=lease)
        return False
