"""Running a command as a user does, in process: arguments in; exit status, output and complaints out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from azfiles.cassette import cache
from azfiles.cli.entry import run


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def azfiles_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv(cache.VARIABLE, "off")
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: object) -> Ran:
        status = run([str(argument) for argument in arguments])
        return Ran(status, *capsys.readouterr())

    return call
