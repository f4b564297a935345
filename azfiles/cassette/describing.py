"""What is in a cassette, in figures: for people, and for scripts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Interaction, Lost
from azfiles.cassette.operations import operation_of
from azfiles.cassette.proxy_recordings import is_proxy_file
from azfiles.cassette.timeline import answered_at, start_of
from azfiles.cassette.writing import is_ours, is_sealed_file, stored_bodies

OURS: Final = "azfiles"
PROXY: Final = "the Azure SDKs' test proxy"
VCR: Final = "vcrpy, or what writes as it does"


@dataclass(frozen=True, slots=True)
class Summary:
    """``requests`` counts those that were answered and ``lost`` those that were not; ``operations`` both, by name.

    ``sent_bytes`` and ``received_bytes`` are of bodies, those of a sealed cassette as they are encrypted. ``stored_bodies``
    of them, each once, lie beside the file. ``began`` is ``None`` where the recording has no date, ``duration_s`` where
    it tells no times. ``api_versions`` are those that requests named, ``clients`` their User-Agents.
    """

    path: str
    writer: str
    sealed: bool
    requests: int
    lost: int
    operations: Mapping[str, int]
    refused: Mapping[str, int]
    sent_bytes: int
    received_bytes: int
    file_bytes: int
    stored_bodies: int
    stored_bytes: int
    began: datetime | None
    duration_s: float | None
    api_versions: tuple[str, ...]
    clients: tuple[str, ...]


def summarize(path: str | os.PathLike[str]) -> Summary:
    """What is in a cassette, whoever recorded it; a sealed one needs no key. Raises ``CassetteError`` where it is none."""
    found = read_cassette(path, leave_sealed=True)
    answers = [one.response for one in found if not isinstance(one.response, Lost)]
    folder = Path(path).resolve().parent
    beside = {body.name: body.size for body in stored_bodies(found) if body.store.folder.parent == folder}
    began, duration_s = _times(found)
    return Summary(
        path=os.fspath(path),
        writer=_writer(Path(path), found),
        sealed=is_sealed_file(path),
        requests=len(answers),
        lost=len(found) - len(answers),
        operations=_counted(operation_of(one.request) for one in found),
        refused=_counted(
            f"{answer.status} {_header(answer.headers, 'x-ms-error-code')}".strip()
            for answer in answers
            if answer.status >= 400
        ),
        sent_bytes=sum(len(one.request.body) for one in found),
        received_bytes=sum(len(answer.body) for answer in answers),
        file_bytes=Path(path).stat().st_size,
        stored_bodies=len(beside),
        stored_bytes=sum(beside.values()),
        began=began,
        duration_s=duration_s,
        api_versions=_values(found, "x-ms-version"),
        clients=_values(found, "user-agent"),
    )


def _writer(path: Path, found: Sequence[Interaction]) -> str:
    if is_ours(path) or any(one.timing is not None or isinstance(one.response, Lost) for one in found):
        return OURS
    return PROXY if is_proxy_file(path) else VCR


def _times(found: Sequence[Interaction]) -> tuple[datetime | None, float | None]:
    start_s = start_of(found, unknown=-1.0)
    if start_s < 0:
        return None, None
    ends = [end_s for one in found if (end_s := answered_at(one, start_s)) is not None]
    began = datetime.fromtimestamp(start_s, UTC)
    return began, round(max(0.0, max(ends) - start_s), 3) if ends else None


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


def _values(found: Sequence[Interaction], name: str) -> tuple[str, ...]:
    """The values of a header of requests, each once, in order."""
    return tuple(sorted({value for one in found if (value := _header(one.request.headers, name))}))


def _header(headers: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for given, value in headers if given.lower() == name), "")


__all__ = ["Summary", "summarize"]
