"""Reading a cassette: vcrpy's format, version 1, as YAML or JSON, to interactions.

What vcrpy writes loads here, also in the spellings of its earlier releases, and so do recordings of the Azure SDKs' test
proxy. A file that is damaged, empty or something
else is a ``CassetteError`` that names it; it never passes for a cassette with fewer interactions: a cassette's last
line is its ``version``, so one that was cut short has none.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from azfiles.cassette import cache
from azfiles.cassette.bodies import BODY_LIMIT, BodyStore, StoredBody
from azfiles.cassette.interactions import Body, Interaction, Lost, RecordedRequest, RecordedResponse, Timing
from azfiles.cassette.loading import collector_paused, is_list, is_mapping, load
from azfiles.cassette.proxy_recordings import as_vcrpys, is_proxy_recording
from azfiles.cassette.sealing import Seal
from azfiles.cassette.writing import FORMAT_VERSION
from azfiles.errors import CassetteError


def read_cassette(path: str | os.PathLike[str], *, leave_sealed: bool = False) -> list[Interaction]:
    """The interactions of a cassette file, in order. Raises ``CassetteError`` where it is not one, and where its bodies
    are sealed and the environment does not hold their key; with ``leave_sealed`` they are what lies there, which tells
    nothing but about how large they are.

    Bodies of more than a MiB are not held in memory: they stay in the side store, or where the file itself holds them
    as ``!!binary`` they go to a temporary one.
    """
    try:
        with Path(path).open("rb") as file:
            return _read(file, str(path), Path(path).resolve().parent, leave_sealed=leave_sealed)
    except FileNotFoundError as error:
        raise CassetteError(
            f"cassette {path}: there is no such file; mode='once' of use_cassette records it where it is not there"
        ) from error
    except OSError as error:
        raise CassetteError(f"cassette {path}: cannot be read: {error.strerror or type(error).__name__}") from error


def parse_cassette(data: bytes, *, source: str) -> list[Interaction]:
    """The interactions in a cassette's bytes, which lies in no folder; ``source`` is what errors call it."""
    return _read(io.BytesIO(data), source, None)


def _read(file: BinaryIO, source: str, folder: Path | None, *, leave_sealed: bool = False) -> list[Interaction]:
    with collector_paused():
        entry = cache.entry_of(file)
        kept = entry.look_up(folder) if entry is not None and folder is not None else None
        if kept is not None:
            return kept
        document = load(file, source, _take_binary)
        if is_proxy_recording(document):
            document = as_vcrpys(document)
        try:
            found = _interactions_of(document, folder, leave_sealed=leave_sealed)
        except _DamageError as damage:
            raise CassetteError(f"cassette {source}: {damage}") from None
        if entry is not None and not is_sealed(document):
            entry.keep(found)
        return found


def is_sealed(document: Any) -> bool:
    """Whether the head of a cassette, as plain values, says that its bodies are sealed."""
    return is_mapping(document) and is_mapping(document.get("azfiles")) and "sealed" in document["azfiles"]


def _take_binary(pieces: Iterable[bytes]) -> Body:
    """A ``!!binary`` block in memory, or in a temporary store as soon as it turns out to be large."""
    taken: list[bytes] = []
    size = 0
    rest = iter(pieces)
    for piece in rest:
        taken.append(piece)
        size += len(piece)
        if size > BODY_LIMIT:
            return BodyStore.temporary().put(chain(_emptied(taken), rest))
    return b"".join(taken)


def _emptied(pieces: list[bytes]) -> Iterator[bytes]:
    while pieces:
        yield pieces.pop(0)


class _DamageError(ValueError):
    """What is wrong, without the file's name."""


def _interactions_of(document: Any, folder: Path | None, *, leave_sealed: bool) -> list[Interaction]:
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
    beside = _beside(document.get("azfiles"), folder, leave_sealed=leave_sealed)
    found = [_interaction_of(item, number, beside) for number, item in enumerate(items, 1)]
    return _with_lost(found, document["lost"], beside) if "lost" in document else found


class _Beside(NamedTuple):
    """What the head of one of our own cassettes says it needs: the folder of its bodies, and the key that seals them,
    unless they are left as they are.
    """

    store: BodyStore | None = None
    seal: Seal | None = None
    leave_sealed: bool = False


def _beside(head: Any, folder: Path | None, *, leave_sealed: bool) -> _Beside:
    if not is_mapping(head):
        return _Beside()
    seal = Seal.from_environment() if "sealed" in head and not leave_sealed else None
    if "bodies" not in head or folder is None:
        return _Beside(None, seal, leave_sealed)
    name = _text_of(head["bodies"], "bodies")
    if name in {"", ".", ".."} or any(mark in name for mark in "/\\:"):
        raise _DamageError("its bodies are not in a folder beside it")
    return _Beside(BodyStore(folder / name), seal, leave_sealed)


def _interaction_of(item: Any, number: int, beside: _Beside) -> Interaction:
    try:
        parts = _mapping(item, "it")
        return Interaction(
            _request_of(_mapping(_part(parts, "request", "it"), "request"), beside),
            _response_of(_mapping(_part(parts, "response", "it"), "response"), beside),
            _timing_of(parts["azfiles"], number) if "azfiles" in parts else None,
        )
    except _DamageError as damage:
        raise _DamageError(f"interaction {number}: {damage}") from None


def _with_lost(found: list[Interaction], items: Any, beside: _Beside) -> list[Interaction]:
    """The interactions with those that brought no response at their places among them."""
    if not is_list(items):
        raise _DamageError(f"its lost requests are {_kind(items)}, not a list")
    places = [(place, one) for place, one in enumerate(found, 1)]
    for number, item in enumerate(items, 1):
        try:
            parts = _mapping(item, "it")
            request = _request_of(_mapping(_part(parts, "request", "it"), "request"), beside)
            timing = _timing_of(parts["azfiles"], 0) if "azfiles" in parts else None
            after, outcome = _loss_of(parts)
        except _DamageError as damage:
            raise _DamageError(f"lost request {number}: {damage}") from None
        places.append((after, Interaction(request, outcome, timing)))
    return [one for _, one in sorted(places, key=lambda pair: pair[0])]


def _loss_of(parts: Mapping[str, Any]) -> tuple[int, Lost]:
    after, sent = _part(parts, "after", "it"), _part(parts, "sent", "it")
    if type(after) is not int or type(sent) is not bool:
        raise _DamageError("its place or whether it was sent is not said")
    return after, Lost(_text_of(_part(parts, "error", "it"), "error"), sent)


def _timing_of(value: Any, number: int) -> Timing:
    parts = _mapping(value, "azfiles")
    sent_s, answered_s, turn = parts.get("sent_s", 0.0), parts.get("answered_s", 0.0), parts.get("turn", number)
    if not (type(sent_s) in {int, float} and type(answered_s) in {int, float} and type(turn) is int):
        raise _DamageError("azfiles: its times are not numbers")
    return Timing(float(sent_s), float(answered_s), turn)


def _request_of(parts: Mapping[str, Any], beside: _Beside) -> RecordedRequest:
    return RecordedRequest(
        _text_of(_part(parts, "method", "request"), "request method"),
        _text_of(_part(parts, "uri", "request"), "request uri"),
        _headers_of(parts.get("headers"), "request"),
        _body_of(parts.get("body"), "request", beside),
    )


def _response_of(parts: Mapping[str, Any], beside: _Beside) -> RecordedResponse:
    headers = _headers_of(parts.get("headers"), "response")
    if "status_code" in parts:  # vcrpy's form for httpx, before its release 6
        return RecordedResponse(
            _status_of(parts["status_code"]), "", headers, _body_of(parts.get("content"), "response", beside)
        )
    status = _mapping(_part(parts, "status", "response"), "response status")
    message = status.get("message")
    return RecordedResponse(
        _status_of(_part(status, "code", "response status")),
        "" if message is None else _text_of(message, "response status message"),
        headers,
        _body_of(_part(parts, "body", "response"), "response", beside),
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


def _body_of(value: Any, where: str, beside: _Beside) -> Body:
    if is_mapping(value):
        parts = _mapping(value, f"{where} body")
        if "sha256" in parts:
            return _stored_of(parts, where, beside)
        if "sealed" in parts:
            return _sealed_of(parts, where, beside)
        if "base64_string" in parts:
            return _base64_of(parts["base64_string"], where)
        value = _part(parts, "string", f"{where} body")
    if isinstance(value, StoredBody):
        return value
    if is_list(value):
        return b"".join(_bytes_of(piece, f"{where} body") for piece in value)
    return _bytes_of(value, f"{where} body")


def _stored_of(parts: Mapping[str, Any], where: str, beside: _Beside) -> StoredBody:
    size = _part(parts, "size", f"{where} body")
    if type(size) is not int:
        raise _DamageError(f"{where} body has a size that is {_kind(size)}, not a number")
    return _stored(_text_of(parts["sha256"], f"{where} body"), size, "", where, beside)


def _sealed_of(parts: Mapping[str, Any], where: str, beside: _Beside) -> Body:
    sealed = parts["sealed"]
    if beside.leave_sealed:
        return _left_sealed(parts, where, beside)
    if beside.seal is None:
        raise _DamageError(f"{where} body is sealed, but the head does not say so")
    blocks = sealed.blocks() if isinstance(sealed, StoredBody) else (_bytes_of(sealed, f"{where} body"),)
    try:
        body = b"".join(beside.seal.unseal(blocks))
    except CassetteError as error:
        raise _DamageError(f"{where} body: {error}") from None
    if "file" not in parts:
        return body
    sha256, _, size = body.decode("latin-1").partition(" ")
    return _stored(sha256, int(size), _text_of(parts["file"], f"{where} body"), where, beside)


def _left_sealed(parts: Mapping[str, Any], where: str, beside: _Beside) -> Body:
    """A sealed body as it lies there; of one in the side store, its file."""
    if "file" not in parts or beside.store is None:
        sealed = parts["sealed"]
        return sealed if isinstance(sealed, StoredBody) else _bytes_of(sealed, f"{where} body")
    name = _text_of(parts["file"], f"{where} body")
    path = beside.store.folder / name
    return _stored(name, path.stat().st_size if path.is_file() else 0, "", where, beside)


def _stored(sha256: str, size: int, sealed_name: str, where: str, beside: _Beside) -> StoredBody:
    if beside.store is None:
        raise _DamageError(f"{where} body lies beside the cassette, but its head names no folder")
    try:
        return StoredBody(sha256, size, beside.store, beside.seal if sealed_name else None, sealed_name)
    except CassetteError as error:
        raise _DamageError(f"{where} body: {error}") from None


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


__all__ = ["parse_cassette", "read_cassette"]
