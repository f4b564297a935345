"""Interactions to a cassette file: vcrpy's format in the style in which vcrpy writes it, line by line, and in one step.

What vcrpy has no word for stands where it does not look: the top level key ``azfiles`` says what this cassette needs,
the key ``azfiles`` of an interaction when it happened, and ``lost`` at the end which requests brought no response.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from azfiles.cassette.bodies import BODY_LIMIT, BodyStore, StoredBody, remove_abandoned
from azfiles.cassette.interactions import Body, Interaction, Lost, RecordedRequest, RecordedResponse, Timing
from azfiles.cassette.locking import saving
from azfiles.cassette.sealing import Seal
from azfiles.errors import CassetteError

FORMAT_VERSION: Final = 1
WRITER_LINE: Final = "# Recorded by azfiles\n"
"""A remark near the beginning. What writes the file anew after us does not keep it, and rightly so."""

_NEW_FILE_MODE: Final = 0o666  # the process's umask takes its bits off, as for any file
_BASE64_LINE: Final = 57  # bytes to a line of 76 characters, as PyYAML has it
_LINES_AT_ONCE: Final = 16_384

# Text that needs no quotes: it starts with a letter or slash, so it is no number, and no word of YAML's.
_PLAIN = re.compile(r"[A-Za-z/](?:[A-Za-z0-9 _./()+=;,@?&%~*$!-]|:(?=[^ ]))*(?<! )")
_YAML_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_PRINTABLE = re.compile(r"[ -~]*")
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})")


def render_cassette(interactions: Iterable[Interaction]) -> bytes:
    """The YAML of a cassette with all bodies in it: ASCII only, so that it reads the same under every locale."""
    found = [_placed(one, _Place(None, 0, None)) for one in interactions]
    return "".join(_document(found, None, None)).encode("ascii")


def write_cassette(
    path: str | os.PathLike[str],
    interactions: Iterable[Interaction],
    *,
    body_limit: int | None = BODY_LIMIT,
    seal: Seal | None = None,
    check: Callable[[Path], None] | None = None,
) -> None:
    """Replace a cassette file in one step: a reader sees the old one or the new one, whole.

    Bodies of more than ``body_limit`` bytes go to the side store, a folder beside the file; with ``None`` all stay in
    the file. Bodies in that folder which nothing refers to any more are deleted, and so is what a killed process left a day ago. Folders on the way are made. A new
    file gets the usual mode, an existing one keeps its own. ``check`` is called with the new file before it takes the
    old one's place; where it raises, the old one stays. With ``seal``, all bodies are encrypted.
    """
    target = Path(path).resolve()  # a symbolic link stays one: what it points at is replaced
    store = BodyStore.beside(target)
    place = _Place(None if body_limit is None else store, body_limit or 0, seal)
    with saving(target):
        found = [_placed(one, place) for one in interactions]
        for body in stored_bodies(found):
            body.store.keep(body.name)
        stored = {body.name for body in stored_bodies(found)}
        store.sync(stored)
        lines = _document(found, store if stored else None, seal)
        try:
            _replace(target, lines, check)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CassetteError(f"cassette {path}: cannot be written: {reason}") from error
        store.keep_only(stored)
    remove_abandoned(target.parent, re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{16}}\.tmp"))


def is_ours(path: str | os.PathLike[str]) -> bool:
    """Whether a cassette says that this project wrote it."""
    with Path(path).open("rb") as file:
        return WRITER_LINE.encode("ascii") in file.read(4096)


def is_sealed_file(path: str | os.PathLike[str]) -> bool:
    """Whether a cassette's head says that its bodies are sealed."""
    with Path(path).open("rb") as file:
        return b"\n  sealed: AES-256-GCM\n" in file.read(4096)


def stored_bodies(interactions: Iterable[Interaction]) -> Iterator[StoredBody]:
    """The bodies that lie in a side store."""
    for one in interactions:
        if isinstance(one.request.body, StoredBody):
            yield one.request.body
        if isinstance(one.response, RecordedResponse) and isinstance(one.response.body, StoredBody):
            yield one.response.body


# --- where bodies go --------------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where bodies go: above the limit to the side store, if there is one, and sealed, if there is a key."""

    store: BodyStore | None
    limit: int
    seal: Seal | None


def _placed(one: Interaction, place: _Place) -> Interaction:
    request, response = one.request, one.response
    sent = _placed_body(request.body, place)
    if sent is not request.body:
        request = RecordedRequest(request.method, request.uri, request.headers, sent)
    if isinstance(response, RecordedResponse):
        received = _placed_body(response.body, place)
        if received is not response.body:
            response = RecordedResponse(response.status, response.reason, response.headers, received)
    if request is one.request and response is one.response:
        return one
    return Interaction(request, response, one.timing)


def _placed_body(body: Body, place: _Place) -> Body:
    store, limit, seal = place
    if store is None or len(body) <= limit:
        return body if isinstance(body, bytes) else bytes(body.read())
    if isinstance(body, bytes):
        return store.put((body,), seal)
    return body if store.holds(body) and body.seal is seal else store.put(body.blocks(), seal)


# --- lines ------------------------------------------------------------------------------------------------------------


def _document(interactions: Sequence[Interaction], store: BodyStore | None, seal: Seal | None) -> Iterator[str]:
    yield from _head(store, seal)
    whole = [one for one in interactions if isinstance(one.response, RecordedResponse)]
    yield "interactions:\n" if whole else "interactions: []\n"
    lost: list[tuple[int, Interaction, Lost]] = []
    place = 0
    for one in interactions:
        if isinstance(one.response, Lost):
            lost.append((place, one, one.response))
            continue
        place += 1
        yield "- request:\n"
        yield from _request_lines(one.request, seal)
        yield from _response_lines(one.response, seal)
        yield from _timing_lines(one.timing, place)
    if lost:
        yield "lost:\n"
    for after, one, outcome in lost:
        yield f"- after: {after}\n  error: {_scalar(outcome.message)}\n  request:\n"
        yield from _request_lines(one.request, seal)
        yield f"  sent: {'true' if outcome.sent else 'false'}\n"
        yield from _timing_lines(one.timing, None)
    yield f"version: {FORMAT_VERSION}\n"


def _head(store: BodyStore | None, seal: Seal | None) -> Iterator[str]:
    reasons = [f"bodies lie beside it, in {store.folder.name}"] if store is not None else []
    if seal is not None:
        reasons.append("its bodies are sealed")
    if not reasons:
        yield WRITER_LINE
    else:
        reason = f"cannot replay this cassette: {', and '.join(reasons)}"
        yield f"# vcrpy {reason!a}\n{WRITER_LINE}azfiles:\n"
        if store is not None:
            yield f"  bodies: {_scalar(store.folder.name)}\n"
        if seal is not None:
            yield "  sealed: AES-256-GCM\n"
        yield f"  vcrpy: {_scalar(reason)}\n"


def _request_lines(request: RecordedRequest, seal: Seal | None) -> Iterator[str]:
    if request.body:
        yield from _body_lines("    body:", request.body, "      ", seal)
    else:
        yield "    body: ''\n"  # as vcrpy records an empty body through httpx
    yield _header_lines(request.headers)
    yield f"    method: {_scalar(request.method)}\n    uri: {_scalar(request.uri)}\n"


def _response_lines(response: RecordedResponse, seal: Seal | None) -> Iterator[str]:
    if isinstance(response.body, StoredBody) or (seal is not None and response.body):
        yield "  response:\n"
        yield from _body_lines("    body:", response.body, "      ", seal)
    else:
        yield "  response:\n    body:\n"
        yield from _body_lines("      string:", response.body, "        ", None)
    yield _header_lines(response.headers)
    yield f"    status:\n      code: {response.status}\n      message: {_scalar(response.reason)}\n"


def _timing_lines(timing: Timing | None, place: int | None) -> Iterator[str]:
    if timing is None or timing == Timing(0.0, 0.0, place or 0):
        return
    yield f"  azfiles:\n    answered_s: {timing.answered_s:.3f}\n    sent_s: {timing.sent_s:.3f}\n"
    if timing.turn != place:
        yield f"    turn: {timing.turn}\n"


def _header_lines(pairs: Iterable[tuple[str, str]]) -> str:
    """Header names in the order and spelling in which they first came; vcrpy keeps one name for all spellings."""
    values: dict[str, tuple[str, list[str]]] = {}
    for name, value in pairs:
        values.setdefault(name.lower(), (name, []))[1].append(value)
    if not values:
        return "    headers: {}\n"
    parts = ["    headers:\n"]
    for name, given in values.values():
        parts.append(f"      {_scalar(name)}:\n")
        parts += [f"      - {_scalar(value)}\n" for value in given]
    return "".join(parts)


def _body_lines(label: str, body: Body, indent: str, seal: Seal | None) -> Iterator[str]:
    """A body: text where its bytes are UTF-8, as vcrpy has it, else ``!!binary``, or where it is stored; or sealed."""
    if seal is not None:
        yield f"{label}\n"
        if isinstance(body, StoredBody):
            yield f"{indent}file: {_scalar(body.name)}\n"
            body = f"{body.sha256} {body.size}".encode("ascii")
        yield f"{indent}sealed: !!binary |\n"
        yield from _base64_lines(memoryview(b"".join(seal.seal((body,)))), f"{indent}  ")
        return
    if isinstance(body, StoredBody):
        yield f"{label}\n{indent}sha256: {_scalar(body.sha256)}\n{indent}size: {body.size}\n"
        return
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        yield f"{label} !!binary |\n"
        yield from _base64_lines(memoryview(body), indent)
        return
    yield f"{label} {_quote(text)}\n"


def _base64_lines(body: memoryview, indent: str) -> Iterator[str]:
    step = _BASE64_LINE * _LINES_AT_ONCE
    for start in range(0, len(body), step):
        block = body[start : start + step]
        lines = (block[at : at + _BASE64_LINE] for at in range(0, len(block), _BASE64_LINE))
        yield "".join(f"{indent}{b2a_base64(line).decode('ascii')}" for line in lines)


@lru_cache(maxsize=4096)
def _scalar(text: str) -> str:
    """Short text, of which many a one comes again."""
    return _quote(text)


def _quote(text: str) -> str:
    """One line of YAML that stands for ``text``: plain where it can be, else in single or double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    if _PRINTABLE.fullmatch(text):
        quoted = text.replace("'", "''")
        return f"'{quoted}'"
    # JSON's escapes are YAML's too, but for what lies beyond 16 bits, and for DEL, which YAML does not print.
    return _PAIR.sub(_beyond_16_bits, json.dumps(text)).replace("\x7f", "\\x7f")


def _beyond_16_bits(found: re.Match[str]) -> str:
    code = 0x10000 + ((int(found[2], 16) - 0xD800) << 10) + int(found[3], 16) - 0xDC00
    return f"{found[1]}\\U{code:08x}"


# --- the file ---------------------------------------------------------------------------------------------------------


def _replace(target: Path, parts: Iterable[str], check: Callable[[Path], None] | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        _write_through(temporary, parts, like=target)
        if check is not None:
            check(temporary)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _write_through(temporary: Path, parts: Iterable[str], *, like: Path) -> None:
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW_FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(like.stat().st_mode & 0o7777)
        file.writelines(parts)
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


__all__ = [
    "FORMAT_VERSION",
    "WRITER_LINE",
    "is_ours",
    "is_sealed_file",
    "render_cassette",
    "stored_bodies",
    "write_cassette",
]
