"""Short ways to say an interaction, a request and a transport that answers from a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from azfiles.cassette.interactions import Interaction, RecordedRequest, RecordedResponse
from azfiles.messages import Buffer, Headers, Request, Response

HOST = "https://myaccount.file.core.windows.net"


def interaction(
    method: str,
    target: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    *,
    status: int = 200,
    answer: dict[str, str] | None = None,
    content: bytes = b"",
    origin: str = HOST,
) -> Interaction:
    return Interaction(
        RecordedRequest(method, origin + target, tuple((headers or {}).items()), body),
        RecordedResponse(status, "OK", tuple((answer or {}).items()), content),
    )


def request(
    method: str,
    target: str,
    headers: dict[str, str] | None = None,
    *body: Buffer,
    origin: str = HOST,
    sink: memoryview | None = None,
) -> Request:
    return Request(method, target, tuple((headers or {}).items()), body, origin, sink)


class Answering:
    """A transport, blocking and async, that computes each answer from the request."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._answer = answer
        self.closed = 0

    def send(self, request: Request, timeout_s: float) -> Response:
        return self._answer(request)

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        return self._answer(request)

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


def respond(status: int, headers: Iterable[tuple[str, str]] = (), body: bytes = b"") -> Response:
    return Response(status, "OK", Headers(headers), body)
