"""HTTP/1.1 as bytes: the head of a request, and the head of a reply with what it says about its body. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from azfiles.errors import RequestNotSent
from azfiles.messages import Headers, Request
from azfiles.transports.bodies import body_length, describe

# What a request may say. A line break in a value would begin another header, so a head is matched as a whole; its
# lines are counted too, because such a value matches as two headers.
_REQUEST_HEAD: Final = re.compile(
    r"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\0\r\n]*+\r\n)*+\r\n"
)
_STATUS_LINE: Final = re.compile(r"HTTP/1\.([01]) ([1-9][0-9]{2})(?: (.*))?")
# A whole line: what is no header must not be taken for one from its middle on. A value's words and the blanks between
# them; each part takes all that it can, so that nothing is tried twice.
_HEADER: Final = re.compile(r"(?m:^)([^:\s]++):[ \t]*+([^\r\n \t]*+(?:[ \t]++[^\r\n \t]++)*+)[ \t]*+\r\n")
_FRAMING_LENGTHS: Final = {len("content-length"), len("transfer-encoding"), len("connection")}


class Ungrammatical(Exception):
    """What came is not HTTP/1.1. The text quotes nothing of it."""


@dataclass(slots=True)
class ReplyHead:
    """The head of a reply. ``length`` is how many bytes its body has, ``None`` where that shows only at its end: at
    the last chunk if ``chunked``, else when the connection ends. ``last`` says that it ends after this reply.
    """

    status: int
    reason: str
    headers: Headers
    length: int | None
    chunked: bool
    last: bool


def request_head(request: Request) -> bytes:
    """The request line and headers, as they go to the wire. ``RequestNotSent`` where HTTP/1.1 cannot say them, or
    where the body is not as long as they say; the message quotes none of them.
    """
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    head = "\r\n".join(lines) + "\r\n\r\n"
    if not _REQUEST_HEAD.fullmatch(head) or head.count("\r\n") != len(lines) + 1:
        raise RequestNotSent(f"{describe(request)}: the request cannot be said in HTTP/1.1")
    size = sum([memoryview(buffer).nbytes for buffer in request.body])
    if size != (body_length("", 0, request.headers) or 0):
        raise RequestNotSent(f"{describe(request)}: the body has {size} bytes, which its Content-Length does not say")
    return head.encode()


def reply_head(raw: bytes, method: str) -> ReplyHead:
    """Read a reply's head, without the empty line after it. Raises ``Ungrammatical``."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = "\r\n".join(header_text(line) for line in raw.split(b"\r\n"))
    first, _, rest = text.partition("\r\n")
    status_line = _STATUS_LINE.fullmatch(first)
    pairs = _HEADER.findall(rest + "\r\n") if rest else []
    if status_line is None or len(pairs) != text.count("\n"):
        raise Ungrammatical("the reply has no head of HTTP/1.1")
    minor, status, reason = status_line.groups()
    # Only names as long as these are looked at: the loop is much of what a small reply costs.
    framing = [(name.lower(), value.lower()) for name, value in pairs if len(name) in _FRAMING_LENGTHS]
    lengths, codings, wishes = set[str](), set[str](), ""
    for name, value in framing:
        if name == "content-length":
            lengths.add(value)
        elif name == "transfer-encoding":
            codings.add(value)
        elif name == "connection":
            wishes += f",{value}"
    length = body_length(method, int(status), framing)
    if len(lengths) + len(codings) > 1 or (codings and "chunked" not in codings) or (length is None and lengths):
        raise Ungrammatical("the reply does not say in one way how long it is")
    chunked = length is None and bool(codings)
    last = minor == "0" or "close" in wishes or (length is None and not chunked)
    return ReplyHead(int(status), reason or "", Headers(pairs), length, chunked, last)


def chunk_size(line: bytes) -> int:
    """The size at the beginning of a chunk; its extensions mean nothing to us. Raises ``Ungrammatical``."""
    digits = line.partition(b";")[0].strip(b" \t")
    if not re.fullmatch(rb"[0-9A-Fa-f]{1,15}", digits):
        raise Ungrammatical("a chunk of the reply has no size")
    return int(digits, 16)


def header_text(raw: bytes) -> str:
    """Header text: UTF-8, as this client sends it, or else the bytes one to one."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


__all__ = ["ReplyHead", "Ungrammatical", "chunk_size", "header_text", "reply_head", "request_head"]
