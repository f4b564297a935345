"""Flows and a transport to exercise runners with; each runner gets the same ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from azfiles.errors import TransportError
from azfiles.flows.effects import Flow, Send, send
from azfiles.messages import Headers, Request, Response


def request(name: str) -> Request:
    return Request("GET", f"/{name}")


class Book:
    """A transport that writes down what passes and answers with what ``answer`` says (by default 200 and the name)."""

    def __init__(self, answer: Callable[[str], Any] | None = None) -> None:
        self.names: list[str] = []
        self.answer = answer or (lambda name: name)
        self.closed = False
        self.lock = threading.Lock()

    def send(self, request: Request, timeout_s: float) -> Response:
        name = request.target[1:]
        with self.lock:
            self.names.append(name)
        outcome = self.answer(name)
        if isinstance(outcome, BaseException):
            raise outcome
        return Response(200, "OK", Headers(), str(outcome).encode())

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        return self.send(request, timeout_s)

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def ask(name: str) -> Flow[str]:
    response = yield from send(request(name), 1.0)
    return bytes(response.body).decode()


def failing(name: str) -> BaseException | str:
    return TransportError("gone", sent=True) if name.startswith("bad") else name


def ask_then_tidy(name: str, tidy: str) -> Flow[str]:
    """Asks, and whatever happens asks for ``tidy`` on its way out."""
    try:
        return (yield from ask(name))
    finally:
        yield Send(request(tidy), 1.0)
