"""Feeds a flow by hand: no runner, no thread, no clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from azfiles.address import Endpoint
from azfiles.credentials import EMULATOR_ACCOUNT, EMULATOR_CREDENTIAL, Credential
from azfiles.flows.effects import Flow, Gather, NewId, Send, Token, WallClock
from azfiles.flows.targets import Session, Target
from azfiles.messages import Headers, Request, Response

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def target(*path: str, credential: Credential = EMULATOR_CREDENTIAL, snapshot: str | None = None) -> Target:
    endpoint = Endpoint("https://devstoreaccount1.file.core.windows.net", EMULATOR_ACCOUNT)
    return Target(Session(endpoint, credential, "2025-11-05"), "data", path, snapshot)


def feed(flow: Flow[Any], answer: Callable[[Request], Response | Exception], seen: list[Any] | None = None) -> Any:
    """Run a flow to its end, its branches one after another, and its requests through ``answer``."""
    outcome: Any = None
    step: Callable[[Any], Any] = flow.send
    while True:
        try:
            effect = step(outcome)
        except StopIteration as end:
            return end.value
        if seen is not None:
            seen.append(effect)
        step = flow.send
        match effect:
            case Send(request, _):
                outcome = answer(request)
            case WallClock():
                outcome = NOW
            case NewId():
                outcome = "00000000-0000-4000-8000-000000000000"
            case Token():
                outcome = "bearer"
            case Gather(flows, _):
                try:
                    outcome = [feed(each, answer, seen) for each in flows]
                except Exception as error:  # noqa: BLE001 - the flow is told
                    outcome = error
        if isinstance(outcome, Exception):
            step = flow.throw


def response(status: int, body: bytes = b"", **headers: str) -> Response:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    fixed = [
        ("ETag", '"0x8D1"'),
        ("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ("Content-Length", str(len(body))),
    ]
    return Response(status, "", Headers([*pairs, *fixed]), body)
