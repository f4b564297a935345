"""Many ranges of files at once, those that lie close together in one request."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from azfiles.filesystem.bases import run_in_chunks

MAX_GAP_BYTES: Final = 256 * 1024
"""What lies between two ranges and is read along, rather than waiting for one more answer."""

Span = tuple[int, int]
Read = Callable[[str, int, int], Awaitable[bytes]]


def together(spans: Iterable[Span], max_gap: int) -> list[Span]:
    """The spans that cover all of these, none closer than ``max_gap`` to the next."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] <= max_gap:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


async def read_merged(
    read: Read, paths: Sequence[str], spans: Sequence[Span], *, max_gap: int = MAX_GAP_BYTES, batch_size: int | None
) -> list[Any]:
    """The bytes of each span of the file beside it, or the error that reading it raised; fewer where the file ends."""
    wanted: dict[str, list[Span]] = defaultdict(list)
    for path, span in zip(paths, spans, strict=True):
        wanted[path].append(span)
    blocks = [(path, *block) for path, of_path in wanted.items() for block in together(of_path, max_gap)]
    reads = [read(*block) for block in blocks]
    contents = await run_in_chunks(reads, batch_size=batch_size, return_exceptions=True)
    found: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for (path, start, _), content in zip(blocks, contents, strict=True):
        found[path].append((start, content))
    return [_cut_out(found[path], *span) for path, span in zip(paths, spans, strict=True)]


def _cut_out(blocks: list[tuple[int, Any]], start: int, end: int) -> Any:
    first, content = blocks[bisect_right(blocks, start, key=lambda block: block[0]) - 1]
    return content if isinstance(content, BaseException) else content[start - first : max(start, end) - first]


__all__ = ["MAX_GAP_BYTES", "read_merged", "together"]
