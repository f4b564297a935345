"""Reads header and query values: one function for each kind of value, each refusing what is malformed.

All raise ``ServiceError`` (400) that names the header or query parameter. Lookups are by lower-case name.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from azfiles_sim.messages import Buffer, is_kept_as_it_is
from azfiles_sim.model.entities import Metadata, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.limits import MAX_PAGE_ENTRIES, MAX_RANGE_BYTES
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.dates import parse_full_iso_time
from azfiles_sim.wire.kept import Kept, is_short
from azfiles_sim.wire.refusals import (
    bad_header,
    bad_query,
    missing_header,
    missing_query,
    query_out_of_range,
)

MAX_INT64: Final = 2**63 - 1
MAX_DIGITS: Final = 19
MAX_STRUCTURED_OVERHEAD: Final = 64 * 1024
CONDITION_HEADERS: Final = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since"})

_HEX32: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_RANGE: Final = re.compile(r"bytes=([0-9]{1,19})-([0-9]{0,19})", re.ASCII)
_NO_WORDS: Final = frozenset[str]()
_BOOLEANS: Final = {"true": True, "false": False}


# --- single values ---------------------------------------------------------------------------------------------


def parse_guid(text: str) -> str | None:
    """A GUID in any spelling (case, braces, parentheses, no dashes) as lower case with dashes, or ``None``."""
    bare = text.strip().lower()
    if bare[:1] + bare[-1:] in {"{}", "()"}:
        bare = bare[1:-1]
        return bare if _GUID.fullmatch(bare) else None
    if _GUID.fullmatch(bare):
        return bare
    if _HEX32.fullmatch(bare):
        return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"
    return None


def guid_header(call: Call, name: str) -> str | None:
    text = call.headers.get(name)
    if text is None:
        return None
    guid = parse_guid(text)
    if guid is None:
        raise bad_header(name, text)
    return guid


def required(call: Call, name: str) -> str:
    """A header that must be there. Raises MissingRequiredHeader."""
    text = call.headers.get(name)
    if not text:
        raise missing_header(name)
    return text


def bool_header(call: Call, name: str) -> bool:
    """``true`` or ``false`` in any case; absent is false."""
    text = call.headers.get(name)
    if text is None:
        return False
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise bad_header(name, text)
    return value


def int_header(call: Call, name: str, *, minimum: int = 0, maximum: int = MAX_INT64) -> int | None:
    text = call.headers.get(name)
    if text is None:
        return None
    if (len(text) <= MAX_DIGITS and text.isdecimal() and text.isascii()) or _INTEGER.fullmatch(text):
        value = int(text)
        if minimum <= value <= maximum:
            return value
    raise bad_header(name, text)


def choice_header(call: Call, name: str, choices: tuple[str, ...]) -> str | None:
    """One of a few words, in any case; given back as the table spells it."""
    text = call.headers.get(name)
    if text is None:
        return None
    if text in choices:
        return text
    lower = text.lower()
    for choice in choices:
        if lower == choice.lower():
            return choice
    raise bad_header(name, text)


# --- ranges ----------------------------------------------------------------------------------------------------


def range_header(call: Call) -> tuple[str, int, int | None] | None:
    """``x-ms-range`` or else ``Range``: the header's name, start and inclusive end (``None``: to the end).

    (u) a suffix (``bytes=-5``), several ranges and a start behind the end are refused as malformed.
    """
    name, text = "x-ms-range", call.headers.get("x-ms-range")
    if text is None:
        name, text = "Range", call.headers.get("range")
        if text is None:
            return None
    return name, *parse_range(name, text)


def parse_range(name: str, text: str) -> tuple[int, int | None]:
    """Start and inclusive end of a header's range; refused by the header's name where it is none."""
    found = _RANGES[text]
    if found is None:
        raise bad_header(name, text)
    return found


def _read_range(text: str) -> tuple[int, int | None] | None:
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    start = int(match[1])
    end = int(match[2]) if match[2] else None
    if start > MAX_INT64 or (end is not None and (end < start or end > MAX_INT64)):
        return None
    return start, end


_RANGES: Final = Kept(_read_range, short=is_short)  # every file is read in the same ranges


def bounded_range(call: Call) -> tuple[int, int]:
    """The range of a write: it must be there, with both ends."""
    found = range_header(call)
    if found is None:
        raise missing_header("x-ms-range")
    name, start, end = found
    if end is None:
        raise bad_header(name, call.headers[name.lower()])
    return start, end


# --- metadata --------------------------------------------------------------------------------------------------


def read_metadata(call: Call) -> Metadata | None:
    """All ``x-ms-meta-*`` headers in order, names as sent; ``None`` where there is none. The model checks them.

    Names that differ in case only are one name, their values joined with a comma. ``x-ms-meta`` alone is no metadata.
    """
    if not call.metadata_names:
        return None
    return tuple((key, call.headers[name]) for name, key in call.metadata_names.items())


# --- content checks --------------------------------------------------------------------------------------------


def content_md5(call: Call) -> bytes | None:
    """``Content-MD5`` as 16 bytes. Raises InvalidMd5 where it is no such hash."""
    text = call.headers.get("content-md5")
    if not text:
        return None
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise ServiceError(Code.INVALID_MD5)
    return digest


def checksum_header(call: Call, name: str, length: int) -> bytes | None:
    """Base64 of ``length`` bytes."""
    text = call.headers.get(name)
    if text is None:
        return None
    try:
        checksum = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        checksum = b""
    if len(checksum) != length:
        raise bad_header(name, text)
    return checksum


def base64_text(checksum: bytes) -> str:
    return binascii.b2a_base64(checksum, newline=False).decode("ascii")


def md5_of(buffers: Iterable[Buffer]) -> bytes:
    rest = iter(buffers)
    digest = hashlib.md5(next(rest, b""), usedforsecurity=False)
    for buffer in rest:
        digest.update(buffer)
    return digest.digest()


def written_md5(call: Call, buffers: Iterable[Buffer]) -> bytes | None:
    """The service's own hash of what a request writes. Without ``Call.range_md5`` only where one was sent to compare with."""
    return md5_of(buffers) if call.range_md5 or call.headers.get("content-md5") else None


def own_body(call: Call) -> Sequence[Buffer]:
    """The body in buffers that nobody changes any more. What is stored is the received buffer itself, so one that
    its sender may fill again is copied first.
    """
    body = call.body
    for buffer in body:
        if not is_kept_as_it_is(buffer):
            return tuple(buffer if is_kept_as_it_is(buffer) else bytes(buffer) for buffer in body)
    return body


def check_body_size(call: Call) -> None:
    """Refuse a body over 4 MiB (of a structured one, of which more than that is content: its reader), and a ``Content-Length`` that is not the body's or, over a network, is missing.

    (u) a chunked body is let pass; no client sends one.
    """
    size, text = call.body_size, call.headers.get("content-length")
    if size > MAX_RANGE_BYTES:
        structured = "x-ms-structured-body" in call.headers
        if size > MAX_RANGE_BYTES + (MAX_STRUCTURED_OVERHEAD if structured else 0):
            raise ServiceError(Code.REQUEST_BODY_TOO_LARGE)
    if text is not None:
        if text != str(size) and int_header(call, "content-length") != size:
            raise bad_header("Content-Length", text)
    elif (
        call.connection.peer is not None and call.method in {"PUT", "POST"} and "transfer-encoding" not in call.headers
    ):
        raise ServiceError(Code.MISSING_CONTENT_LENGTH_HEADER)


def check_body_md5(call: Call) -> None:
    """Refuse a body whose hash is not the ``Content-MD5`` sent with it."""
    sent = content_md5(call)
    if sent is not None and sent != md5_of(call.body):
        raise ServiceError(Code.MD5_MISMATCH)


def refuse_conditions(names: Iterable[str]) -> None:
    """Azure Files takes no conditional requests: any ``If-*`` header is refused, before anything is looked up."""
    if not CONDITION_HEADERS.isdisjoint(names):
        raise ServiceError(Code.CONDITION_HEADERS_NOT_SUPPORTED)


# --- query parameters ------------------------------------------------------------------------------------------


def snapshot_query(call: Call) -> Ticks | None:
    """``sharesnapshot`` as an instant."""
    return instant_query(call, "sharesnapshot")


def instant_query(call: Call, name: str) -> Ticks | None:
    """The instant that names a snapshot. (u) malformed: 400 InvalidQueryParameterValue."""
    text = call.query.get(name)
    if not text:
        return None
    instant = parse_full_iso_time(text)
    if instant is None:
        raise bad_query(name, text)
    return instant


def max_results_query(call: Call) -> int | None:
    """``maxresults``: less than 1 is out of range; what is too much the model cuts down."""
    text = call.query.get("maxresults")
    if not text:
        return None
    if not _INTEGER.fullmatch(text):
        raise bad_query("maxresults", text)
    value = int(text)
    if value < 1:
        raise query_out_of_range("maxresults", text, minimum=1, maximum=MAX_PAGE_ENTRIES)
    return value


def guid_query(call: Call, name: str) -> str:
    text = call.query.get(name)
    if not text:
        raise missing_query(name)
    guid = parse_guid(text)
    if guid is None:
        raise bad_query(name, text, f"{name} needs to be valid Guid.")
    return guid


def include_query(call: Call) -> frozenset[str]:
    """The words of ``include``, in lower case; an empty parameter asks for nothing."""
    text = call.query.get("include")
    if not text:
        return _NO_WORDS
    return frozenset(word for piece in text.lower().split(",") if (word := piece.strip()))


def check_timeout_query(query: Mapping[str, str]) -> None:
    text = query.get("timeout")
    if text and not _INTEGER.fullmatch(text):
        raise bad_query("timeout", text)
