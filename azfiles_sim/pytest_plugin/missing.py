"""What answers for a cassette that is not there and may not be recorded: nothing, and the first request says so.

A test that sends no request needs no cassette, and none is ever written for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from azfiles import CassetteError, Request, Response
from azfiles.transports.bodies import describe


class MissingCassette:
    """A transport that refuses each request with ``CassetteError``. ``final`` is whether the test's own mark forbids that
    its cassette is recorded.
    """

    def __init__(self, path: Path, *, final: bool) -> None:
        self._path = path
        self._final = final

    def send(self, request: Request, timeout_s: float) -> Response:  # noqa: ARG002 - a transport's own signature
        self._refuse(request)

    async def send_async(self, request: Request, timeout_s: float) -> Response:  # noqa: ARG002 - a transport's own signature
        self._refuse(request)

    def close(self) -> None:
        """Nothing is open."""

    def _refuse(self, request: Request) -> NoReturn:
        if self._final:
            remedy = (
                'the test is marked with mode="none", so it is never recorded: put the file there, or take '
                'mode="none" out of the mark'
            )
        else:
            remedy = (
                "record it with --azfiles-record=once, from a simulator, or with --azfiles-live too from a real account"
            )
        raise CassetteError(f"{describe(request)}: there is no cassette {self._path}; {remedy}")

    def __repr__(self) -> str:
        return f"<MissingCassette {str(self._path)!r}>"


__all__ = ["MissingCassette"]
