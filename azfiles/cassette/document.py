"""The file: vcrpy's cassette format, version 1, as YAML or JSON, to and from interactions.

What is written here loads under vcrpy, and what vcrpy writes loads here, also in the spellings of its earlier
releases. A file that is damaged, empty or something else is a ``CassetteError`` that names it; it never passes for a
cassette with fewer interactions: a cassette's last line is its ``version``, so one that was cut short has none.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from azfiles.cassette.loading import import_yaml, is_list, is_mapping, load
from azfiles.errors import CassetteError
from azfiles.messages import Request

FORMAT_VERSION = 1
_NEW_FILE_MODE = 0o666  # the process's umask takes its bits off, as for any file


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as a cassette holds it: the whole URI, headers in order, the body in one piece."""

    method: str
    uri: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """A response as a cassette holds it, headers as they were received."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request and the response that answered it."""

    request: RecordedRequest
    response: RecordedResponse


def as_recorded(request: Request) -> RecordedRequest:
    """A live request in a cassette's form, its body copied: the caller may use his buffers again."""
    origin = request.origin
    if not origin:
        host = next((value for name, value in request.headers if name.lower() == "host"), "localhost")
        origin = f"http://{host}"
    return RecordedRequest(request.method, origin + request.target, tuple(request.headers), b"".join(request.body))


def read_cassette(path: str | os.PathLike[str]) -> list[Interaction]:
    """The interactions of a cassette file, in order. Raises ``CassetteError`` where it is not one."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise CassetteError(f"cassette {path}: cannot be read: {error.strerror or type(error).__name__}") from error
    return parse_cassette(data, source=str(path))


def parse_cassette(data: bytes, *, source: str) -> list[Interaction]:
    """The interactions in a cassette's bytes; ``source`` is what errors call it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CassetteError(f"cassette {source}: not UTF-8 text at byte {error.start}") from None
    if not text.strip():
        raise CassetteError(f"cassette {source}: the file is empty")
    document = load(text, source)
    try:
        return _interactions_of(document)
    except _DamageError as damage:
        raise CassetteError(f"cassette {source}: {damage}") from None


def render_cassette(interactions: Iterable[Interaction]) -> bytes:
    """The YAML of a cassette: ASCII only, so that it reads the same under every locale."""
    yaml = import_yaml()
    document = {
        "interactions": [
            {
                "request": {
                    "body": _body_value(interaction.request.body) if interaction.request.body else None,
                    "headers": _header_values(interaction.request.headers),
                    "method": interaction.request.method,
                    "uri": interaction.request.uri,
                },
                "response": {
                    "body": {"string": _body_value(interaction.response.body)},
                    "headers": _header_values(interaction.response.headers),
                    "status": {"code": interaction.response.status, "message": interaction.response.reason},
                },
            }
            for interaction in interactions
        ],
        "version": FORMAT_VERSION,
    }
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    # Sorting would lose the order of the headers; all else above stands in vcrpy's own, sorted order already.
    text: str = yaml.dump(document, Dumper=dumper, sort_keys=False)
    return text.encode("ascii")


def write_cassette(path: str | os.PathLike[str], interactions: Iterable[Interaction]) -> None:
    """Replace a cassette file in one step: a reader sees the old one or the new one, whole.

    Folders on the way are made. A new file gets the usual mode, an existing one keeps its own.
    """
    data = render_cassette(interactions)
    try:
        target = Path(path).resolve()  # a symbolic link stays one: what it points at is replaced
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
        try:
            _write_through(temporary, data, like=target)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise CassetteError(f"cassette {path}: cannot be written: {error.strerror or type(error).__name__}") from error


def _write_through(temporary: Path, data: bytes, *, like: Path) -> None:
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW_FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(like.stat().st_mode & 0o7777)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the system lets a folder be opened."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# --- reading what was loaded ------------------------------------------------------------------------------------------


class _DamageError(ValueError):
    """What is wrong, without the file's name."""


def _interactions_of(document: Any) -> list[Interaction]:
    if is_list(document) and document and is_mapping(document[0]) and "request" in document[0]:
        raise _DamageError("written before vcrpy 1.0, which had no versions; convert it with `python -m vcr.migration`")
    if not is_mapping(document):
        raise _DamageError(f"not a cassette: the top level is {_kind(document)}, not a mapping")
    if "interactions" not in document:
        raise _DamageError("not a cassette: it has no interactions")
    if "version" not in document:
        raise _DamageError("no version at its end: it was cut short, or is not a cassette")
    version = document["version"]
    if isinstance(version, bool) or version != FORMAT_VERSION:
        shown = version if type(version) is int else _kind(version)
        raise _DamageError(f"its version is {shown}; only {FORMAT_VERSION} can be read")
    items = document["interactions"]
    if not is_list(items):
        raise _DamageError(f"its interactions are {_kind(items)}, not a list")
    return [_interaction_of(item, number) for number, item in enumerate(items, 1)]


def _interaction_of(item: Any, number: int) -> Interaction:
    try:
        parts = _mapping(item, "it")
        return Interaction(
            _request_of(_mapping(_part(parts, "request", "it"), "request")),
            _response_of(_mapping(_part(parts, "response", "it"), "response")),
        )
    except _DamageError as damage:
        raise _DamageError(f"interaction {number}: {damage}") from None


def _request_of(parts: Mapping[str, Any]) -> RecordedRequest:
    return RecordedRequest(
        _text_of(_part(parts, "method", "request"), "request method"),
        _text_of(_part(parts, "uri", "request"), "request uri"),
        _headers_of(parts.get("headers"), "request"),
        _body_of(parts.get("body"), "request"),
    )


def _response_of(parts: Mapping[str, Any]) -> RecordedResponse:
    headers = _headers_of(parts.get("headers"), "response")
    if "status_code" in parts:  # vcrpy's form for httpx, before its release 6
        return RecordedResponse(
            _status_of(parts["status_code"]), "", headers, _body_of(parts.get("content"), "response")
        )
    status = _mapping(_part(parts, "status", "response"), "response status")
    message = status.get("message")
    return RecordedResponse(
        _status_of(_part(status, "code", "response status")),
        "" if message is None else _text_of(message, "response status message"),
        headers,
        _body_of(_part(parts, "body", "response"), "response"),
    )


def _status_of(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 100 <= value <= 599:
        shown = value if type(value) is int else _kind(value)
        raise _DamageError(f"response status code is {shown}, not a number from 100 to 599")
    return value


def _headers_of(value: Any, where: str) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    pairs: list[tuple[str, str]] = []
    for name, given in _mapping(value, f"{where} headers").items():
        values = given if is_list(given) else [given]
        pairs.extend((name, _text_of(one, f"{where} header {name}")) for one in values)
    return tuple(pairs)


def _body_of(value: Any, where: str) -> bytes:
    if is_mapping(value):
        parts = _mapping(value, f"{where} body")
        if "base64_string" in parts:
            return _base64_of(parts["base64_string"], where)
        value = _part(parts, "string", f"{where} body")
    if is_list(value):
        return b"".join(_bytes_of(piece, f"{where} body") for piece in value)
    return _bytes_of(value, f"{where} body")


def _base64_of(value: Any, where: str) -> bytes:
    try:
        return base64.b64decode(b"".join(_bytes_of(value, f"{where} body").split()), validate=True)
    except binascii.Error:
        raise _DamageError(f"{where} body: its base64_string is not base64") from None


def _bytes_of(value: Any, where: str) -> bytes:
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        try:
            return value.encode("utf-8")
        except UnicodeEncodeError:
            raise _DamageError(f"{where} holds half a surrogate pair, which has no UTF-8") from None
    raise _DamageError(f"{where} is {_kind(value)}, not text or bytes")


def _text_of(value: Any, where: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")  # HTTP's own reading of header bytes; it cannot fail
    raise _DamageError(f"{where} is {_kind(value)}, not text; quote it")


def _part(parts: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in parts:
        raise _DamageError(f"{where} has no {name}")
    return parts[name]


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not is_mapping(value):
        raise _DamageError(f"{where} is {_kind(value)}, not a mapping")
    if not all(isinstance(name, str) for name in value):
        raise _DamageError(f"{where} has a name that is not text; quote it")
    return value


_KINDS = {
    "NoneType": "nothing",
    "str": "text",
    "bool": "a truth value",
    "int": "a number",
    "float": "a number",
    "list": "a list",
    "dict": "a mapping",
}


def _kind(value: object) -> str:
    name = type(value).__name__
    return _KINDS.get(name, f"a {name}")


def _header_values(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Header names in the order and spelling in which they first came; vcrpy keeps one name for all spellings."""
    values: dict[str, list[str]] = {}
    spelling: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(spelling.setdefault(name.lower(), name), []).append(value)
    return values


def _body_value(body: bytes) -> str | bytes:
    """Text where the bytes are UTF-8, as vcrpy has it, else bytes, which YAML writes as ``!!binary``."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body


__all__ = [
    "FORMAT_VERSION",
    "Interaction",
    "RecordedRequest",
    "RecordedResponse",
    "as_recorded",
    "parse_cassette",
    "read_cassette",
    "render_cassette",
    "write_cassette",
]
