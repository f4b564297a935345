"""One operation over time: read the clock, take an id and perhaps a token, build and sign, send, read the answer.

Trying it again is in ``retrying``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from azfiles.core.operation import Operation
from azfiles.core.requests import Context, build, parse
from azfiles.credentials import TOKEN_SCOPE, Token
from azfiles.errors import InvalidArgument
from azfiles.flows.effects import NEW_ID, WALL_CLOCK, Flow, Send, token
from azfiles.flows.retrying import Failed, retrying, try_once
from azfiles.flows.targets import Session, Target
from azfiles.flows.watching import Wire
from azfiles.messages import Response

P = ParamSpec("P")
T = TypeVar("T")


def call(session: Session, operation: Operation[T]) -> Flow[T]:
    """Carry out one operation and return its result, in as many tries as the session's policy allows.

    Raises ``RequestNotSent`` where it cannot be said in the session's service version, or the endpoint's circuit is
    open; ``TransportError`` where no complete response came; a ``ServiceError`` where the service refused;
    ``OutcomeUnknown`` where it refused a further try, and an earlier one may have acted; ``ReplyNotUnderstood`` where
    its answer lacks what the operation promises.
    """
    # No generator of its own: an effect comes and goes by way of each that is around it.
    if session.retry is not None:
        return retrying(session, session.retry, operation, attempt)
    return _call_once(session, operation)


def _call_once(session: Session, operation: Operation[T]) -> Flow[T]:
    report = session.watch.begin(operation)
    try:
        tried = yield from try_once(session, operation, session.timeouts.of(operation.kind), attempt, report)
        if isinstance(tried, Failed):
            try:
                raise tried.error
            finally:
                del tried  # an error holds its traceback, which holds this frame, which would hold the error
    except BaseException as error:
        if report is not None:
            report.ended(error)
        raise
    if report is not None:
        report.ended(None)
    return tried.result


def attempt(session: Session, operation: Operation[T], timeout_s: float, wire: Wire, /) -> Flow[T]:
    """One try of ``call``: date, request id, token and signature are made afresh for each. ``wire`` keeps what was sent
    and what came.
    """
    bearer: str | None = None
    if isinstance(session.credential, Token) and not operation.unsigned:
        bearer = yield from token(session.credential.credential, TOKEN_SCOPE)
    now: datetime = yield WALL_CLOCK
    client_request_id: str = yield NEW_ID
    context = Context(
        session.endpoint,
        session.credential,
        now,
        client_request_id,
        session.api_version,
        bearer,
        session.backup_intent,
    )
    request = wire.request = build(operation, context)
    response: Response = yield Send(request, timeout_s)
    wire.response = response
    return parse(operation, request, response)


def on_service(describe: Callable[P, Operation[T]]) -> Callable[Concatenate[Target, P], Flow[T]]:
    """The flow of an operation of the account's service."""

    def flow(target: Target, /, *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        return (yield from call(target.session, describe(*args, **kwargs)))

    _present(flow, describe, dropped=0)
    return flow


def on_share(describe: Callable[Concatenate[str, P], Operation[T]]) -> Callable[Concatenate[Target, P], Flow[T]]:
    """The flow of an operation that takes a share's name first."""
    has_snapshot = _has_snapshot(describe)
    make: Callable[..., Operation[T]] = describe

    def flow(target: Target, /, *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        options = _with_snapshot(target, dict(kwargs), has_snapshot=has_snapshot)
        return (yield from call(target.session, make(target.share, *args, **options)))

    _present(flow, describe, dropped=1)
    return flow


def on_path(
    describe: Callable[Concatenate[str, tuple[str, ...], P], Operation[T]],
) -> Callable[Concatenate[Target, P], Flow[T]]:
    """The flow of an operation that takes a share's name and the components of a path first."""
    has_snapshot = _has_snapshot(describe)
    make: Callable[..., Operation[T]] = describe

    def flow(target: Target, /, *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        options = _with_snapshot(target, dict(kwargs), has_snapshot=has_snapshot)
        return (yield from call(target.session, make(target.share, target.path, *args, **options)))

    _present(flow, describe, dropped=2)
    return flow


def refuse_snapshot(target: Target) -> None:
    """``InvalidArgument`` where ``target`` lies in a share snapshot, which nobody can change."""
    if target.snapshot is not None:
        raise InvalidArgument(f"{target.url} lies in a share snapshot, which can only be read; use the share itself")


def _has_snapshot(describe: Callable[..., Any]) -> bool:
    return "snapshot" in inspect.signature(describe).parameters


def _with_snapshot(target: Target, options: dict[str, Any], *, has_snapshot: bool) -> dict[str, Any]:
    if not has_snapshot:
        refuse_snapshot(target)
    elif options.get("snapshot") is None:
        options["snapshot"] = target.snapshot
    return options


def _present(flow: Callable[..., Any], describe: Callable[..., Any], *, dropped: int) -> None:
    """Give a flow the documentation of the operation behind it, and its signature with the target in place of names."""
    signature = inspect.signature(describe)
    target = inspect.Parameter("target", inspect.Parameter.POSITIONAL_ONLY, annotation=Target)
    parameters = [target, *list(signature.parameters.values())[dropped:]]
    flow.__name__ = flow.__qualname__ = describe.__name__
    flow.__doc__ = describe.__doc__
    vars(flow)["__signature__"] = signature.replace(parameters=parameters)


__all__ = ["attempt", "call", "on_path", "on_service", "on_share", "refuse_snapshot"]
