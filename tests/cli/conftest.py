"""Running a command as a user does, in process: arguments in; exit status, output and complaints out. What reaches a service
reaches a simulator over HTTP, each test one of its own.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

import azfiles
from azfiles.cassette import cache
from azfiles.cli.entry import run
from azfiles_sim.pytest_plugin.serving import TestServer


class Ran(NamedTuple):
    status: int
    out: str
    err: str

    def json(self) -> Any:
        """The one JSON value that was written."""
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """The JSON values that were written, one on each line."""
        return list(map(json.loads, self.out.splitlines()))

    def error(self) -> Any:
        """What ``--json`` tells of an error."""
        return json.loads(self.err)["error"]


Run = Callable[..., Ran]


@pytest.fixture
def azfiles_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv(cache.VARIABLE, "off")
    monkeypatch.setenv("COLUMNS", "80")
    for name in list(os.environ):
        if name.startswith("AZURE_STORAGE_"):
            monkeypatch.delenv(name)

    def call(*arguments: object, stdin: str | bytes | None = None) -> Ran:
        if stdin is not None:
            content = stdin.encode() if isinstance(stdin, str) else stdin
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        status = run([str(argument) for argument in arguments])
        return Ran(status, *capsys.readouterr())

    return call


@pytest.fixture
def account(azfiles_server: TestServer, azfiles_command: Run, monkeypatch: pytest.MonkeyPatch) -> TestServer:
    """A served account that the environment names, as a user has set it."""
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azfiles_server.connection_string)
    return azfiles_server


@pytest.fixture
def key(account: TestServer) -> azfiles.SharedKey:
    service = azfiles.connect(account.connection_string)  # never sends, so there is nothing to close
    assert isinstance(service.target.session.credential, azfiles.SharedKey)
    return service.target.session.credential


@pytest.fixture
def share(account: TestServer, key: azfiles.SharedKey) -> azfiles.ShareClient:
    """The share data of that account, with something in it, reached past the network."""
    share = azfiles.connect(account.simulator.handle, key, retry=None).share("data")
    share.create()
    share.directory("photos/summer").create_with_parents()
    share.file("photos/summer/1.jpg").upload(b"sea")
    share.file("photos/2.jpg").upload(b"sand")
    share.file("notes.txt").upload(b"to do\n")
    return share
