"""A transport that remembers the last requests in a few words, to be shown where a test fails."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final, Protocol

from azfiles import AzureFilesError, Request, Response, VirtualClock
from azfiles.cassette.interactions import as_recorded
from azfiles.cassette.matching import describe, key_of
from azfiles.redaction import redact_text

SHOWN: Final = 20


class Carrier(Protocol):
    """A transport for blocking and async clients."""

    def send(self, request: Request, timeout_s: float) -> Response: ...
    async def send_async(self, request: Request, timeout_s: float) -> Response: ...
    def close(self) -> None: ...


class WatchedTransport:
    """What tests get. Closing it does nothing, as clients close their transport: the test's own end does.

    ``clock`` is the time in which the service at the other end lives.
    """

    def __init__(self, inside: Carrier, clock: VirtualClock, name: str) -> None:
        self.clock = clock
        self._inside = inside
        self._name = name
        self._last: deque[tuple[Request, str]] = deque(maxlen=SHOWN)
        self._count = 0
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """How many requests there were."""
        return self._count

    def send(self, request: Request, timeout_s: float) -> Response:
        try:
            response = self._inside.send(request, timeout_s)
        except AzureFilesError as error:
            self._note(request, type(error).__name__)
            raise
        self._note(request, _outcome(response))
        return response

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        try:
            response = await self._inside.send_async(request, timeout_s)
        except AzureFilesError as error:
            self._note(request, type(error).__name__)
            raise
        self._note(request, _outcome(response))
        return response

    def close(self) -> None:
        """Nothing: the end of the test closes what there is to close."""

    async def aclose(self) -> None:
        """Nothing: the end of the test closes what there is to close."""

    def tell(self) -> str:
        """The last requests and how they were answered, one a line, without secrets, account names or bodies."""
        with self._lock:
            last, left_out = list(self._last), self._count - len(self._last)
        lines = [f"... {left_out} before these"] if left_out else []
        lines += [f"{redact_text(describe(key_of(as_recorded(request))))} -> {outcome}" for request, outcome in last]
        return "\n".join(lines)

    def _note(self, request: Request, outcome: str) -> None:
        # Without the body, which may be large, and is the caller's to use again.
        kept = Request(request.method, request.target, request.headers, (), request.origin)
        with self._lock:
            self._count += 1
            self._last.append((kept, outcome))

    def __repr__(self) -> str:
        return f"<azfiles transport: {self._name}>"


def _outcome(response: Response) -> str:
    code = response.headers.get("x-ms-error-code")
    return f"{response.status} {code}" if code else str(response.status)


__all__ = ["SHOWN", "Carrier", "WatchedTransport"]
