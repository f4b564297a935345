"""Where the body of a response lands: in the request's sink where there is one and the reply is a success, else joined."""

from __future__ import annotations

from collections.abc import Iterable

from azfiles.errors import ReplyNotUnderstood, TransportError
from azfiles.messages import Buffer, Request
from azfiles.redaction import redact_target


class Landing:
    """Takes the parts of one body as they come; ``finish`` returns the whole.

    A body that is longer than the sink raises ``ReplyNotUnderstood``: nothing is ever written past the sink's end.
    """

    __slots__ = ("_filled", "_parts", "_request", "_sink")

    def __init__(self, request: Request, status: int) -> None:
        self._request = request
        self._sink = request.sink if 200 <= status < 300 else None
        self._parts: list[Buffer] = []
        self._filled = 0

    def expect(self, size: int | None) -> None:
        """Say how long the body is going to be, so that one that cannot fit is refused before it comes."""
        if size is not None and self._sink is not None and size > len(self._sink):
            raise self._too_long(size)

    def take(self, part: Buffer) -> None:
        end = self._filled + len(part)
        if self._sink is None:
            self._parts.append(part)
        elif end > len(self._sink):
            raise self._too_long(end)
        else:
            self._sink[self._filled : end] = part
        self._filled = end

    def room(self, size: int) -> memoryview:
        """Where the next ``size`` bytes go; they count as taken, so whoever asks fills it or drops the whole."""
        end = self._filled + size
        if self._sink is None:
            place = memoryview(bytearray(size))
            self._parts.append(place)
        elif end > len(self._sink):
            raise self._too_long(end)
        else:
            place = self._sink[self._filled : end]
        self._filled = end
        return place

    def finish(self, expected: int | None) -> bytes | memoryview:
        """The whole body; ``TransportError`` where it is shorter than its ``Content-Length`` said."""
        if expected is not None and self._filled != expected:
            raise TransportError(
                f"{describe(self._request)}: the body ended after {self._filled} of {expected} bytes", sent=True
            )
        if self._sink is not None:
            return self._sink[: self._filled]
        if len(self._parts) == 1:
            only = self._parts[0]
            return only if isinstance(only, (bytes, memoryview)) else bytes(only)
        return b"".join(self._parts)

    def _too_long(self, size: int) -> ReplyNotUnderstood:
        room = 0 if self._sink is None else len(self._sink)
        return ReplyNotUnderstood(
            f"{describe(self._request)}: the answer has {size} bytes or more, the buffer for it {room}"
        )


def body_length(method: str, status: int, headers: Iterable[tuple[str, str]]) -> int | None:
    """How long the body must be: 0 where HTTP allows none, the first ``Content-Length``, or ``None`` if not said."""
    if method == "HEAD" or status in {204, 304}:
        return 0
    for name, value in headers:
        if name.lower() == "content-length":
            # Python reads no number of thousands of digits, and nothing has a length of 20.
            return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None
    return None


def describe(request: Request) -> str:
    """The request line without secrets, for messages."""
    return f"{request.method} {redact_target(request.target)}"


__all__ = ["Landing", "body_length", "describe"]
