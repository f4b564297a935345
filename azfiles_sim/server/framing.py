"""How a reply becomes bytes on an HTTP/1.1 connection: the head, and what stands around and between the body's views.

Pure: nothing here knows a socket. Header text is written as latin-1, the reverse of how it was read, so that a value
which a client sent in UTF-8 goes back byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from azfiles_sim.messages import Buffer, Reply
from azfiles_sim.quick import dataclass, quick

SMALL_REPLY_BYTES: Final = 60 * 1024
"""Up to this size head and body leave in one write: one system call and one packet matter more than a copy."""

SLICE_BYTES: Final = 256 * 1024
"""A long view is handed to the socket in slices: what the socket does not take at once is copied by asyncio."""

_LAST_CHUNK: Final = b"0\r\n\r\n"
_LENGTH_OF_LENGTH: Final = len("content-length")
_LENGTH_OF_ENCODING: Final = len("transfer-encoding")
_BODILESS: Final = frozenset({204, 304})


class ReplyNotSendableError(ValueError):
    """The reply has a line break in its reason or a header and would be read as something else."""


@quick
@dataclass(frozen=True, slots=True)
class Framed:
    """A reply ready to send: the head, then ``body`` of ``size`` bytes. ``complete`` is false where the body is shorter
    than its Content-Length, so that the connection has to end; ``closes`` where only its end marks the body's end.
    ``brought`` says that the body's views are only made as they are asked for, which may take its time: from a disk, or
    with checksums.
    """

    head: bytes
    body: Sequence[Buffer]
    size: int = 0
    complete: bool = True
    closes: bool = False
    brought: bool = False


def frame(reply: Reply, *, to_head: bool = False, keep_alive: bool = True, http_1_0: bool = False) -> Framed:
    """Lay out ``reply``. ``to_head`` says that it answers HEAD: its headers stand, no body is sent. A chunked reply
    to an HTTP/1.0 client is sent plain and ends with the connection.

    Raises ReplyNotSendableError.
    """
    chunked = False
    declared: int | None = None
    headers = list(reply.headers)
    for name, value in headers:
        length = len(name)
        if length == _LENGTH_OF_LENGTH and name.lower() == "content-length":
            declared = int(value)
        elif length == _LENGTH_OF_ENCODING and name.lower() == "transfer-encoding":
            chunked = True
    closes = chunked and http_1_0
    if closes:
        headers = [pair for pair in headers if pair[0].lower() != "transfer-encoding"]
    bodiless = to_head or reply.status in _BODILESS
    brought = declared is not None and not chunked and not isinstance(reply.body, (list, tuple))
    body: Sequence[Buffer] = () if bodiless else reply.body
    if declared is None or not brought:
        body = [view for view in body if len(view)]
        size = sum(map(len, body))
    else:
        size = declared
    if declared is None and not chunked and not bodiless:
        headers.append(("Content-Length", str(size)))
    if not keep_alive or closes:
        headers.append(("Connection", "close"))
    elif http_1_0:
        headers.append(("Connection", "keep-alive"))  # else such a client takes the connection for ended
    head = _head(reply.status, reply.reason, headers)
    if bodiless:
        return Framed(head, ())
    if chunked and not closes:
        pieces = tuple(_chunks(body))
        return Framed(head, pieces, sum(map(len, pieces)))
    complete = brought or declared is None or declared == size
    return Framed(head, body, size, complete=complete, closes=closes, brought=brought)


def writes(framed: Framed) -> Iterator[Buffer]:
    """What to hand to the socket, one write after another: a small reply whole, a large one without joining."""
    if len(framed.head) + framed.size <= SMALL_REPLY_BYTES:
        yield b"".join((framed.head, *framed.body))
        return
    yield framed.head
    for view in framed.body:
        if len(view) <= SLICE_BYTES:
            yield view
        else:
            window = memoryview(view)
            for start in range(0, len(window), SLICE_BYTES):
                yield window[start : start + SLICE_BYTES]


def _chunks(body: Sequence[Buffer]) -> Iterator[Buffer]:
    for view in body:
        yield b"%x\r\n" % len(view)
        yield view
        yield b"\r\n"
    yield _LAST_CHUNK


def _head(status: int, reason: str, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {reason}", *[f"{name}: {value}" for name, value in headers], "", ""]
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1 or "\0" in text:
        raise ReplyNotSendableError("a line break or a zero byte stands in the reply's reason or headers")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return b"\r\n".join(map(_line_bytes, lines))


def _line_bytes(line: str) -> bytes:
    """A line that latin-1 can hold came over a socket, or might have; another was given as text in process."""
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode("utf-8")


__all__ = ["SLICE_BYTES", "SMALL_REPLY_BYTES", "Framed", "ReplyNotSendableError", "frame", "writes"]
