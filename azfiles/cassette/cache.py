"""What was read of a cassette, kept in the user's cache folder as JSON under the SHA-256 of the file's bytes.

Reading YAML is what a replay costs most. A cassette that was changed has another name in the cache, so nothing is ever
stale. The cache is only a help: where it cannot be read or written, the cassette is read as if it were not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from azfiles.cassette.bodies import BodyStore, StoredBody
from azfiles.cassette.interactions import Body, Interaction, Lost, RecordedRequest, RecordedResponse, Timing
from azfiles.errors import CassetteError

VARIABLE: Final = "AZFILES_CASSETTE_CACHE"
"""The environment variable that names another folder, or says ``off``."""

_FORMAT: Final = 1
_SMALLEST: Final = (
    2 * 1024
)  # a test's cassette of five interactions has some 9 KiB, and is read in a quarter of the time
_LARGEST: Final = 32 * 1024 * 1024
_MOST_ENTRIES: Final = 2000
_BLOCK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """The place in the cache for one cassette's content."""

    path: Path

    def look_up(self, folder: Path) -> list[Interaction] | None:
        """The interactions of the cassette, which lies in ``folder``, or ``None`` where they are not kept."""
        try:
            document: Any = json.loads(self.path.read_bytes())
            store = BodyStore(folder / document["bodies"]) if document["bodies"] else None
            return [_interaction_of(item, store) for item in document["interactions"]]
        except (OSError, ValueError, LookupError, TypeError, CassetteError):
            return None

    def keep(self, interactions: Sequence[Interaction]) -> None:
        """Keep them, readable for the user alone."""
        stores = {body.store.folder.name for body in _stored(interactions)}
        if len(stores) > 1:
            return
        document = {"bodies": next(iter(stores), ""), "interactions": [_plain(one) for one in interactions]}
        temporary = self.path.with_name(f".{secrets.token_hex(8)}.tmp")
        with contextlib.suppress(OSError, UnicodeEncodeError):
            data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(data)
                temporary.replace(self.path)
            finally:
                temporary.unlink(missing_ok=True)
            _prune(self.path.parent)


def entry_of(file: BinaryIO) -> Entry | None:
    """The entry for a file's content; ``None`` where caching is off, or not worth it. The file is left at its start."""
    folder = _folder()
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if folder is None or not _SMALLEST <= size <= _LARGEST:
        return None
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return Entry(folder / f"{digest.hexdigest()}.{_FORMAT}.json")


def _folder() -> Path | None:
    named = os.environ.get(VARIABLE)
    if named:
        return None if named == "off" else Path(named)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA")
        return Path(root, "azfiles", "Cache", "cassettes") if root else None
    if sys.platform != "darwin" and os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"], "azfiles", "cassettes")
    try:
        home = Path.home()
    except RuntimeError:
        return None
    caches = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    return caches / "azfiles" / "cassettes"


def _prune(folder: Path) -> None:
    """Delete the oldest entries where there are many."""
    paths = list(folder.glob("*.json"))
    if len(paths) > _MOST_ENTRIES:
        for path in sorted(paths, key=lambda path: path.stat().st_mtime)[: len(paths) // 2]:
            path.unlink(missing_ok=True)


# --- interactions as plain values: lists, because their names would cost as much as their content --------------------


def _stored(interactions: Sequence[Interaction]) -> list[StoredBody]:
    bodies = [one.request.body for one in interactions]
    bodies += [one.response.body for one in interactions if isinstance(one.response, RecordedResponse)]
    return [body for body in bodies if isinstance(body, StoredBody)]


def _plain(one: Interaction) -> list[Any]:
    request, response, timing = one.request, one.response, one.timing
    plain: list[Any] = [request.method, request.uri, _flat(request.headers), _plain_body(request.body)]
    if isinstance(response, Lost):
        plain += [response.message, response.sent]
    else:
        plain += [response.reason, response.status, _flat(response.headers), _plain_body(response.body)]
    return [*plain, timing.sent_s, timing.answered_s, timing.turn] if timing else [*plain, None]


def _interaction_of(item: list[Any], store: BodyStore | None) -> Interaction:
    request = RecordedRequest(item[0], item[1], _pairs(item[2]), _body_of(item[3], store))
    lost = isinstance(item[5], bool)
    response = (
        Lost(item[4], item[5])
        if lost
        else RecordedResponse(item[5], item[4], _pairs(item[6]), _body_of(item[7], store))
    )
    timing = item[6 if lost else 8 :]
    return Interaction(request, response, None if timing == [None] else Timing(*timing))


def _flat(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [text for pair in pairs for text in pair]


def _pairs(flat: list[str]) -> tuple[tuple[str, str], ...]:
    texts = iter(flat)
    return tuple(zip(texts, texts, strict=True))


def _plain_body(body: Body) -> str | list[Any]:
    return [body.sha256, body.size] if isinstance(body, StoredBody) else body.decode("latin-1")


def _body_of(plain: Any, store: BodyStore | None) -> Body:
    if isinstance(plain, str):
        return plain.encode("latin-1")
    if store is None:
        raise TypeError("a stored body without a store")
    return StoredBody(plain[0], plain[1], store)


__all__ = ["VARIABLE", "Entry", "entry_of"]
