"""A simulator whose time stands still, and its control interface as a function."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from azfiles_sim import ManualClock, Simulator
from azfiles_sim.messages import Connection, Request
from azfiles_sim.server.control import ControlInterface
from azfiles_sim.server.guarding import make_guard

TOKEN = "a-token-for-the-tests-only"
HOST = ("Host", "127.0.0.1:10004")
BEARER = ("Authorization", f"Bearer {TOKEN}")
ACCOUNT = "devstoreaccount1"


@dataclass
class Controlled:
    """A simulator and the control interface over it."""

    simulator: Simulator
    interface: ControlInterface

    def ask(
        self, method: str, path: str, body: object = None, headers: tuple[tuple[str, str], ...] = (HOST, BEARER)
    ) -> tuple[int, Any]:
        """Status and JSON of one request; ``body`` is sent as JSON, bytes as they are."""
        sent = [] if body is None else [body if isinstance(body, bytes) else json.dumps(body).encode()]
        request = Request(method, f"/_azfiles/v1{path}", headers, sent)
        reply = self.interface.handle(request, Connection("127.0.0.1"))
        return reply.status, json.loads(b"".join(reply.body))

    def put(self, path: str, content: str, share: str = "data") -> None:
        self.simulator.control.plant(ACCOUNT, share, {path: content.encode()})


def control_of(simulator: Simulator, *hosts: str) -> Controlled:
    return Controlled(simulator, ControlInterface(simulator, make_guard(TOKEN, hosts)[0]))


@pytest.fixture
def controlled() -> Controlled:
    return control_of(Simulator(clock=ManualClock(), seed=1))
