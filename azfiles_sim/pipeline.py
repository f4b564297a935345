"""How a request becomes a reply, in the one order that holds for all of them.

``ids -> version -> route -> authenticate -> parse -> decide -> apply -> settle -> render``

A step that refuses raises ``ServiceError``, which ends in an error document; the steps after it do not run. Only
``decide`` and ``apply`` run under the service's lock; the view that they see is newer than the one that routing and
authentication saw.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

from azfiles_sim.clock import Clock
from azfiles_sim.ids import SeededIds
from azfiles_sim.journal import Journal
from azfiles_sim.messages import Connection, Reply, RequestLike
from azfiles_sim.model.commands import AnyCommand, CopyFile, CreateFile, Rename
from azfiles_sim.model.deciding import Decision, find_place
from azfiles_sim.model.entities import Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.quirks import Quirks
from azfiles_sim.model.rules import decide as apply_rules
from azfiles_sim.storage.errors import StoreError
from azfiles_sim.storage.store import Store, wait_for
from azfiles_sim.wire.addressing import address
from azfiles_sim.wire.api_versions import CLIENT_REQUEST_ID_ECHO_SINCE, NEWEST, choose_version
from azfiles_sim.wire.authentication import authenticate as check_credential
from azfiles_sim.wire.call import Answer, Call, read_call
from azfiles_sim.wire.cors import sharing_headers
from azfiles_sim.wire.dates import http_date
from azfiles_sim.wire.errors import render_error
from azfiles_sim.wire.forms import FORMS, check_form
from azfiles_sim.wire.headers import check_body_size
from azfiles_sim.wire.identity import NO_TOKENS, TokenRules
from azfiles_sim.wire.operations import OPERATIONS, Operation
from azfiles_sim.wire.refusals import named
from azfiles_sim.wire.routes import route as find_operation
from azfiles_sim.wire.sas import LACKS_PERMISSION

LOGGER: Final = logging.getLogger("azfiles_sim")
SERVER: Final = "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0"
_SERVED_BY: Final = ("Server", SERVER)
_CHUNKED: Final = ("Transfer-Encoding", "chunked")
_EMPTY: Final = ("Content-Length", "0")
REASONS: Final = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content"}
_MAX_CLIENT_REQUEST_ID: Final = 1024


@dataclass(slots=True)
class Service:
    """What the steps work with; one for each simulator."""

    store: Store
    clock: Clock
    ids: SeededIds
    journal: Journal
    quirks: Quirks
    strict_versions: bool = False
    range_md5: bool = True
    tokens: TokenRules = NO_TOKENS
    lock: threading.Lock = field(default_factory=threading.Lock)
    versions_warned_of: set[str] = field(default_factory=set[str])


class Exchange:
    """One request on its way through the steps."""

    __slots__ = (
        "answer",
        "call",
        "command",
        "connection",
        "decision",
        "now",
        "operation",
        "pending",
        "request",
        "request_id",
        "service",
    )

    def __init__(self, service: Service, request: RequestLike, connection: Connection) -> None:
        self.service = service
        self.request = request
        self.connection = connection
        self.request_id = ""
        self.now: Ticks = 0
        self.call: Call
        self.operation: Operation
        self.command: AnyCommand
        self.decision: Decision
        self.pending: Future[None] | None = None
        self.answer: Answer


# --- the steps -------------------------------------------------------------------------------------------------


def take_ids(exchange: Exchange) -> None:
    """The request's id, its instant, and its parts."""
    service = exchange.service
    exchange.request_id = service.ids.request_id()
    exchange.now = service.clock.now()
    exchange.call = read_call(exchange.request, exchange.connection, service.store.view(), exchange.now)


def settle_version(exchange: Exchange) -> None:
    """Its ``x-ms-version``, else ``api-version`` in the query, else its SAS's ``sv``."""
    call, service = exchange.call, exchange.service
    if call.method == "OPTIONS":
        call.version = NEWEST  # a browser's preflight has no version, and its reply none
        return
    text = call.headers.get("x-ms-version")
    if text is None:
        query = call.query
        text = query.get("api-version", query.get("sv") if "sig" in query else None)
    version = choose_version(text, strict=service.strict_versions)
    call.version, call.asked_version = version.effective, version.asked
    if version.is_newer:
        call.notes.append(f"version {version.asked} taken for {version.effective}")
        if version.asked not in service.versions_warned_of:
            service.versions_warned_of.add(version.asked)
            LOGGER.warning("x-ms-version %s is not known yet and is taken for %s", version.asked, version.effective)


def route(exchange: Exchange) -> None:
    """Which account, which resource, which operation."""
    address(exchange.call)
    exchange.operation = find_operation(exchange.call)
    exchange.call.operation = exchange.operation.name


def authenticate(exchange: Exchange) -> None:
    if exchange.operation is not _PREFLIGHT:
        exchange.call.tokens = exchange.service.tokens
        check_credential(exchange.call, exchange.operation.access)


def parse(exchange: Exchange) -> None:
    """From headers and body to a command: everything that can be refused without looking at the state."""
    call, operation = exchange.call, exchange.operation
    form = operation.number, call.version, call.names.lower, call.query_text
    ignored, holds = FORMS[form]
    call.notes += ignored
    if not holds:
        check_form(form, [])
    check_body_size(call)
    call.range_md5 = exchange.service.range_md5
    exchange.command = operation.read(call)


def decide(exchange: Exchange) -> None:
    service = exchange.service
    view = service.store.view()
    if exchange.call.create_only:
        _refuse_overwriting(exchange)
    exchange.decision = apply_rules(view, exchange.command, exchange.now, service.ids, service.quirks)


def apply(exchange: Exchange) -> None:
    if exchange.decision.changes:
        exchange.service.store.apply(exchange.decision.changes)
    exchange.pending = exchange.service.store.pending()


def settle(exchange: Exchange) -> None:
    """Wait until nothing can undo the state that the answer tells of, be it this request's work or another's."""
    if exchange.pending is not None:
        wait_for(exchange.pending)


def render(exchange: Exchange) -> None:
    exchange.answer = exchange.operation.render(exchange.call, exchange.decision.result)


Step = Callable[[Exchange], None]
BEFORE_LOCK: Final[tuple[Step, ...]] = (take_ids, settle_version, route, authenticate, parse)
UNDER_LOCK: Final[tuple[Step, ...]] = (decide, apply)
AFTER_LOCK: Final[tuple[Step, ...]] = (settle, render)
_PREFLIGHT: Final = OPERATIONS["V5"]


def serve(service: Service, request: RequestLike, connection: Connection) -> Reply:
    """Answer one request. Never raises for what a request says; a fault of the simulator's own is a 500."""
    exchange = Exchange(service, request, connection)
    try:
        for step in BEFORE_LOCK:
            step(exchange)
        with service.lock:
            for step in UNDER_LOCK:
                step(exchange)
        for step in AFTER_LOCK:
            step(exchange)
    except ServiceError as refusal:
        return _refuse(exchange, _settled(exchange, refusal))
    except Exception as fault:  # noqa: BLE001 - a bug in here must not take the server down; it is logged and is a 500
        return _refuse(exchange, _log_fault(fault))
    return _finish(exchange)


def _settled(exchange: Exchange, refusal: ServiceError) -> ServiceError:
    """The refusal, once the state that it was made on is durable."""
    exchange.pending = exchange.service.store.pending()
    try:
        settle(exchange)
    except StoreError as fault:
        return _log_fault(fault)
    return refusal


def _log_fault(fault: Exception) -> ServiceError:
    LOGGER.error("%s while answering; %s", type(fault).__name__, _where(fault.__traceback__))
    return ServiceError(Code.INTERNAL_ERROR)


def _refuse_overwriting(exchange: Exchange) -> None:
    """A SAS that may create but not write makes new files only. (u) whether the service refuses the overwriting."""
    command = exchange.command
    if isinstance(command, (CreateFile, CopyFile)) or (isinstance(command, Rename) and command.replace):
        place = find_place(exchange.service.store.view(), command)
        if place.node is not None:
            raise ServiceError(LACKS_PERMISSION)


# --- the reply -------------------------------------------------------------------------------------------------


def _finish(exchange: Exchange) -> Reply:
    answer, call = exchange.answer, exchange.call
    status, own, body = answer.status, answer.headers, answer.body
    headers: list[tuple[str, str]] = []
    if answer.chunked:
        headers.append(_CHUNKED)
    elif status != 204 and not (own and own[0][0] == "Content-Length"):
        headers.append(("Content-Length", str(sum([view.nbytes for view in body]))) if body else _EMPTY)
    headers += own
    headers += _common_headers(exchange, call)
    if call.cors:
        _share_with_origin(call, headers)
    if call.method == "HEAD":
        body = ()
    _note(exchange, call, status, "")
    return Reply(status, REASONS[status], headers, body)


def _refuse(exchange: Exchange, refusal: ServiceError) -> Reply:
    call: Call | None = getattr(exchange, "call", None)
    if refusal.field:
        refusal = named(refusal, exchange.call.headers, exchange.call.query)
    reply = render_error(
        refusal,
        common=_common_headers(exchange, call),
        head=exchange.request.method == "HEAD",
        request_id=exchange.request_id,
        now=exchange.now,
        tenant=exchange.service.tokens.tenant,
    )
    headers = list(reply.headers)
    if call is not None:
        _share_with_origin(call, headers)
    _note(exchange, call, reply.status, refusal.code.value)
    return Reply(reply.status, reply.reason, headers, reply.body)


def _share_with_origin(call: Call, headers: list[tuple[str, str]]) -> None:
    """Add what a reply carries for browsers where its account has rules of cross-origin sharing."""
    if call.cors and call.method != "OPTIONS":
        names = [name for name, _ in headers]
        headers += sharing_headers(call.cors, call.method, call.headers.get("origin"), names)


def _common_headers(exchange: Exchange, call: Call | None) -> list[tuple[str, str]]:
    """What every reply has: server, ids, version, date."""
    headers = [_SERVED_BY, ("x-ms-request-id", exchange.request_id)]
    if call is not None and call.version:
        client_id = call.headers.get("x-ms-client-request-id")
        if client_id and call.version >= CLIENT_REQUEST_ID_ECHO_SINCE and len(client_id) <= _MAX_CLIENT_REQUEST_ID:
            headers.append(("x-ms-client-request-id", client_id))
        if call.asked_version:
            headers.append(("x-ms-version", call.asked_version))
    headers.append(("Date", http_date(exchange.now)))
    return headers


def _note(exchange: Exchange, call: Call | None, status: int, code: str) -> None:
    request = exchange.request
    account = operation = version = ""
    notes: tuple[str, ...] = ()
    if call is not None:
        account, operation, version, notes = call.account, call.operation, call.asked_version, tuple(call.notes)
    noted = (
        exchange.request_id, exchange.now, request.method, request.target, account, operation, version, status, code, notes
    )  # fmt: skip
    exchange.service.journal.append(noted)


def _where(trace: TracebackType | None) -> str:
    """The places of a traceback, without any value."""
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(trace)))


__all__ = ["AFTER_LOCK", "BEFORE_LOCK", "UNDER_LOCK", "Exchange", "Service", "serve"]
