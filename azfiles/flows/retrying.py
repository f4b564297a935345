"""Trying an operation again: the decision is a value, the loop that obeys it is short.

A failed try is either certain to have done nothing, or it may have acted and only its answer was lost. What that means
for the next one is in ``repeating``; how long to wait is in the policy; whether the endpoint should be asked at all is
the circuit's to say.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from azfiles.core.dates import parse_http_date
from azfiles.core.operation import Kind, Operation
from azfiles.errors import (
    AzureFilesError,
    CircuitOpen,
    OutcomeUnknown,
    ReplyNotUnderstood,
    RequestNotSent,
    ServerFault,
    ServiceError,
    Throttled,
    TransportError,
)
from azfiles.flows.breaker import Outcome, Refusal
from azfiles.flows.effects import MONOTONIC, Flow, monotonic, random_fraction, sleep
from azfiles.flows.health import find_room
from azfiles.flows.looking import Doubt, NotDone, Settled, Undecided, Verdict
from azfiles.flows.policies import RetryPolicy
from azfiles.flows.repeating import Ask, CheckThenRepeat, Read, RepeatThenCheck, Row, row_of
from azfiles.flows.targets import Session
from azfiles.flows.watching import Report, Wire
from azfiles.messages import Headers
from azfiles.records import dataclass

T = TypeVar("T")

_PASSING_FAULTS: Final = frozenset({500, 502, 503, 504})
"""Of the 5xx those that another try may find gone; 501 stays."""
_REQUEST_TIMEOUT: Final = 408

# Enumerations are slow to look into, and each request asks.
_SUCCESS: Final = Outcome.SUCCESS
_DATA: Final = Kind.DATA


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """A try that ended well."""

    result: T


@dataclass(frozen=True, slots=True)
class Failed:
    """A try that did not: with the service's wish how long to wait, and its time, where it told them."""

    error: AzureFilesError
    retry_after_s: float | None = None
    service_time: datetime | None = None


Tried: TypeAlias = Answered[T] | Failed


@dataclass(frozen=True, slots=True)
class Again:
    """Try again in ``delay_s`` seconds."""

    delay_s: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Leave it, for this reason."""

    reason: str


Decision: TypeAlias = Again | Stop


class Exchange(Protocol):
    """One try: makes the request, sends it, reads the answer. ``wire`` is given both as they come."""

    def __call__(self, session: Session, operation: Operation[T], timeout_s: float, wire: Wire, /) -> Flow[T]: ...


def decide(policy: RetryPolicy, failed: Failed, *, tries: int, elapsed_s: float, fraction: float) -> Decision:
    """What to do after the failure of try number ``tries``; ``fraction`` is random, from 0 up to 1."""
    if not is_passing(failed.error):
        return Stop("another try would fail in the same way")
    if tries >= policy.attempts:
        return Stop(f"all {policy.attempts} attempts failed")
    delay_s = max(fraction * backoff_s(policy, tries), failed.retry_after_s or 0.0)
    if elapsed_s + delay_s >= policy.deadline_s:
        return Stop(f"the deadline of {policy.deadline_s:g} s would have passed before the next attempt")
    return Again(delay_s)


def backoff_s(policy: RetryPolicy, tries: int) -> float:
    """The longest wait after so many tries; the exponent is bounded, for floats are."""
    return float(min(policy.cap_s, policy.base_s * 2 ** min(tries - 1, 60)))


def is_passing(error: AzureFilesError) -> bool:
    """Whether another try might fare better."""
    if isinstance(error, ServerFault):
        return error.status in _PASSING_FAULTS
    return isinstance(error, (TransportError, Throttled)) or (
        isinstance(error, ServiceError) and error.status == _REQUEST_TIMEOUT
    )


def retrying(session: Session, policy: RetryPolicy, operation: Operation[T], exchange: Exchange) -> Flow[T]:
    """Carry out ``operation`` in as many tries as the policy allows and the operation bears."""
    course = _Course(session, policy, operation, exchange, began_s=(yield MONOTONIC))
    try:
        while True:
            timeout_s, now_s = course.next_try()
            tried = yield from try_once(session, operation, timeout_s, exchange, course.report, now_s=now_s)
            course.was_tried(tried)
            if isinstance(tried, Answered):
                result = tried.result
                break
            verdict = yield from course.settle(tried)
            if isinstance(verdict, Settled):
                result = verdict.result
                break
            decision = yield from course.decide(tried, verdict)
            if isinstance(decision, Stop):
                error = course.conclusion(tried.error, verdict, decision)
                try:
                    raise error
                finally:
                    del tried, error  # an error holds its traceback, which holds this frame, which would hold the error
            course.will_retry(tried.error, decision.delay_s)
            yield from sleep(decision.delay_s)
            yield from course.elapsed_s()
    except BaseException as error:
        course.ended(error)
        raise
    course.ended(None)
    return result


class _Course(Generic[T]):
    """One call on its way: how often it was tried, and whether one of these tries may have acted."""

    def __init__(
        self, session: Session, policy: RetryPolicy, operation: Operation[T], exchange: Exchange, began_s: float
    ) -> None:
        self._session = session
        self._policy = policy
        self._operation = operation
        self._exchange = exchange
        self._began_s = self._now_s = began_s
        self._tries = 0
        self._earlier_may_have_acted = False
        self._may_have_acted = False
        self._stopped_because = ""
        self.report = session.watch.begin(operation, began_s)

    @property
    def _row(self) -> Row:
        """Asked for where a try failed, which most do not."""
        return row_of(self._operation.name)

    def next_try(self) -> tuple[float, float]:
        """How long the try that now begins may take, and what the clock said last. What the last try left in doubt is
        now an earlier one's.
        """
        self._tries += 1
        self._earlier_may_have_acted = self._may_have_acted
        left_s = self._policy.deadline_s - (self._now_s - self._began_s)
        return min(self._session.timeouts.of(self._operation.kind), max(left_s, 0.001)), self._now_s

    def was_tried(self, tried: Tried[T]) -> None:
        """Keep account of what came of a try."""
        if isinstance(tried, Answered):
            if self._session.health is not None:
                self._session.health.refund_retry(self._policy)
        elif tried.error.may_have_acted and not isinstance(self._row, Read):
            self._may_have_acted = True

    def settle(self, failed: Failed) -> Flow[Verdict | None]:
        """What a look tells of earlier tries; ``None`` where nothing is in doubt, or no look would tell."""
        row, error = self._row, failed.error
        match row:
            case RepeatThenCheck(look):
                if not (self._earlier_may_have_acted and isinstance(error, ServiceError) and row.is_sign(error)):
                    return None
            case CheckThenRepeat(look):
                if not (error.may_have_acted and is_passing(error)):
                    return None
            case _:
                return None
        refusal = error if isinstance(error, ServiceError) else None
        elapsed_s = yield from self.elapsed_s()
        since = None if failed.service_time is None else failed.service_time - timedelta(seconds=elapsed_s)
        left_s = self._policy.deadline_s - elapsed_s
        if left_s <= 0:
            return Undecided()
        asking = replace(self._session, retry=replace(self._policy, deadline_s=left_s))

        def ask(operation: Operation[Any]) -> Flow[Any]:
            return (yield from retrying(asking, asking.retry or self._policy, operation, self._exchange))

        try:
            verdict = yield from look(Doubt(self._session.endpoint, self._operation, refusal, since), ask)
        except AzureFilesError:
            verdict = Undecided()
        yield from self.elapsed_s()  # for the report: looking took time, too
        return verdict

    def decide(self, failed: Failed, verdict: Verdict | None) -> Flow[Decision]:
        """Whether to go on."""
        if isinstance(verdict, Undecided) or (isinstance(self._row, Ask) and failed.error.may_have_acted):
            return Stop("trying again might do it twice")
        if isinstance(verdict, NotDone):
            self._may_have_acted = False
        fraction = yield from random_fraction()
        elapsed_s = yield from self.elapsed_s()
        decision = decide(self._policy, failed, tries=self._tries, elapsed_s=elapsed_s, fraction=fraction)
        health = self._session.health
        if isinstance(decision, Again) and health is not None and not health.spend_retry(self._policy):
            return Stop("the retry budget of this client is used up")
        return decision

    def will_retry(self, error: AzureFilesError, delay_s: float) -> None:
        """Tell observers."""
        if self.report is not None:
            self.report.will_retry(error, delay_s)

    def ended(self, error: BaseException | None) -> None:
        """Tell observers."""
        if self.report is not None:
            self.report.ended(error, self._stopped_because)

    def conclusion(self, error: AzureFilesError, verdict: Verdict | None, stop: Stop) -> AzureFilesError:
        """The error to raise: the last one, unless it speaks of the last try only and an earlier one may have acted."""
        self._stopped_because = stop.reason if is_passing(error) else ""
        if self._tries > 1:
            error.add_note(f"{self._operation.name}: {self._tries} attempts; {stop.reason}")
        if not self._earlier_may_have_acted or error.may_have_acted or isinstance(verdict, NotDone):
            return error
        unknown = OutcomeUnknown(
            f"{self._operation.name}: an earlier attempt brought no answer and may have acted; then came: {error}"
        )
        unknown.__cause__ = error
        return unknown

    def elapsed_s(self) -> Flow[float]:
        """Read the clock: how long the call has taken."""
        now_s: float = yield MONOTONIC
        self._now_s = now_s
        if self.report is not None:
            self.report.time_is(now_s)
        return now_s - self._began_s


def try_once(
    session: Session,
    operation: Operation[T],
    timeout_s: float,
    exchange: Exchange,
    report: Report | None = None,
    *,
    now_s: float | None = None,
) -> Flow[Tried[T]]:
    """One try, if the circuit lets it pass, and when there is room for it where it carries data; the endpoint's health
    and the ``report`` learn what came of it. ``now_s`` is what the clock says, where it has just been read.
    """
    health = session.health
    wire = Wire()
    if health is None and report is None:
        return (yield from _tried(session, operation, timeout_s, exchange, wire))
    inside = health if operation.kind is _DATA else None
    if inside is not None and not inside.enter():
        try:
            yield from find_room(inside, timeout_s)
        except TransportError as busy:
            return Failed(busy)
        now_s = None  # finding room took time
    try:
        if now_s is None:
            now_s = yield from monotonic()
        sent_at_s = now_s
        permit = None if health is None else health.ask(sent_at_s)
        if isinstance(permit, Refusal):
            return Failed(_refused(session, operation, permit))
        try:
            tried = yield from _tried(session, operation, timeout_s, exchange, wire)
            ended_at_s: float = yield MONOTONIC
        except BaseException as error:
            # Also when the call is cancelled: a probe that nobody waits for must not keep the circuit from closing.
            if report is not None:
                report.try_ended(wire, error, sent_at_s, None)
            if health is not None:
                health.tell(permit, Outcome.ABANDONED)
            raise
        if report is not None:
            report.try_ended(wire, tried.error if isinstance(tried, Failed) else None, sent_at_s, ended_at_s)
        if health is None:
            return tried
        outcome = _outcome_of(tried)
        if outcome is _SUCCESS:
            health.answered(permit, ended_at_s)
            return tried
        health.tell(permit, outcome, ended_at_s)
        if isinstance(tried, Failed) and isinstance(tried.error, Throttled):
            health.throttled(sent_at_s=sent_at_s, now_s=ended_at_s)
        return tried
    finally:
        if inside is not None:
            inside.leave()


def _refused(session: Session, operation: Operation[Any], refusal: Refusal) -> CircuitOpen:
    return CircuitOpen(
        f"{operation.name}: the circuit of {session.endpoint.origin} is open, because too many requests failed; "
        f"try again in {refusal.retry_after_s:.1f} s",
        retry_after_s=refusal.retry_after_s,
    )


def _tried(
    session: Session, operation: Operation[T], timeout_s: float, exchange: Exchange, wire: Wire
) -> Flow[Tried[T]]:
    try:
        return Answered((yield from exchange(session, operation, timeout_s, wire)))
    except AzureFilesError as error:
        headers = Headers() if wire.response is None else wire.response.headers
        return Failed(error, retry_after_s(headers), _date_of(headers))


def _outcome_of(tried: Tried[Any]) -> Outcome:
    """A refusal is an answer, and so is one that was not understood. What never left tells nothing; nor does a service
    that is too busy, which is well: fewer requests help it, and none at all would end every transfer.
    """
    if isinstance(tried, Answered):
        return _SUCCESS
    error = tried.error
    if isinstance(error, (RequestNotSent, Throttled)):
        return Outcome.ABANDONED
    failed = isinstance(error, TransportError) or (isinstance(error, ServiceError) and error.status >= 500)
    return Outcome.FAILURE if failed else Outcome.SUCCESS


def retry_after_s(headers: Headers) -> float | None:
    """How long the service asks to wait: seconds, or until a date, which is read against its own clock."""
    text = (headers.get("retry-after") or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    now = _date_of(headers)
    try:
        return None if now is None or not text else max(0.0, (parse_http_date(text, "") - now).total_seconds())
    except ReplyNotUnderstood:
        return None


def _date_of(headers: Headers) -> datetime | None:
    text = headers.get("date")
    try:
        return None if text is None else parse_http_date(text, "Date")
    except ReplyNotUnderstood:
        return None


__all__ = [
    "Again",
    "Answered",
    "Decision",
    "Exchange",
    "Failed",
    "Stop",
    "backoff_s",
    "decide",
    "is_passing",
    "retry_after_s",
    "retrying",
    "try_once",
]
