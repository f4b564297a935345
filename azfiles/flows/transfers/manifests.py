"""The note that a transfer keeps beside the local file, so that another run can go on where this one stopped.

It is written again after each range and read with suspicion: whatever does not fit together means to begin anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import PurePath
from typing import Any, Final

from azfiles.flows.effects import Flow, on_disk
from azfiles.flows.transfers.spans import Spans
from azfiles.flows.turns import Mutex

_FORMAT: Final = 1
_NAME: Final = re.compile(r".+\.[0-9a-f]{16}\.azfiles-(?:upload|download)\.json(?:\.new)?", re.DOTALL)


@dataclass(slots=True)
class Manifest:
    """``facts`` is what must be the same for another run to go on (the address, the size, what tells one version of the
    content from another); ``temporary`` the name that the bytes are under, ``file_id`` the id of that file, where the
    service keeps it; ``done`` which of them are there.
    """

    path: str
    facts: Mapping[str, str | int]
    temporary: str
    file_id: str = ""
    done: Spans = field(default_factory=Spans)
    saving: Mutex = field(default_factory=Mutex, repr=False)

    def save(self, first: Flow[None] | None = None) -> Flow[None]:
        """Write it down, in one step; what is done by now, when ``first`` has been carried out."""
        yield from self.saving.holding(self._save(first))

    def _save(self, first: Flow[None] | None) -> Flow[None]:
        done = [list(span) for span in self.done]
        if first is not None:
            yield from first
        document = {
            "format": _FORMAT,
            "facts": dict(self.facts),
            "temporary": self.temporary,
            "file_id": self.file_id,
            "done": done,
        }
        import json  # only for what can be resumed

        data = json.dumps(document, indent=1).encode()
        yield from on_disk("save manifest", lambda disk: disk.write_small(self.path, data))

    def remove(self) -> Flow[None]:
        """Nothing is left to go on with."""
        yield from on_disk("remove manifest", lambda disk: disk.remove(self.path))


def manifest_path(local: str, url: str, direction: str) -> str:
    """Where the note of a transfer between a local file and ``url`` is: beside the file, another one for each address."""
    mark = blake2b(url.encode(), digest_size=8).hexdigest()
    place = PurePath(local)
    return str(place.with_name(f"{place.name}.{mark}.azfiles-{direction}.json"))


def is_manifest(name: str) -> bool:
    """Whether a local file of this name is such a note, or a draft of one."""
    return _NAME.fullmatch(name) is not None


def fingerprint(*values: object) -> str:
    """A short text that is the same for the same values."""
    return blake2b(repr(values).encode(), digest_size=16).hexdigest()


def load(path: str) -> Flow[Manifest | None]:
    """The note at ``path``; ``None`` where there is none, or it cannot be understood."""
    data = yield from on_disk("read manifest", lambda disk: disk.read_small(path))
    return None if data is None else _parse(path, data)


def _parse(path: str, data: bytes) -> Manifest | None:
    import json  # as above

    try:
        document: Any = json.loads(data)
        if document["format"] != _FORMAT:
            return None
        done = Spans((_whole(start), _whole(end)) for start, end in document["done"])
        return Manifest(path, dict(document["facts"]), str(document["temporary"]), str(document["file_id"]), done)
    except (ValueError, KeyError, TypeError):
        return None


def _whole(number: object) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(number)
    return number


__all__ = ["Manifest", "fingerprint", "is_manifest", "load", "manifest_path"]
