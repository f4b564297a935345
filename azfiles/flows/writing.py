"""Writing a range of a file from another file, inside the service."""

from __future__ import annotations

from azfiles.core import from_url
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.copying import FileLike, source_address
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.models import RangeWritten


def put_range_from_url(
    target: Target,
    offset: int,
    length: int,
    source: FileLike | str,
    source_offset: int,
    *,
    source_crc64: bytes | str | None = None,
    if_source_crc64: bytes | str | None = None,
    if_source_crc64_not: bytes | str | None = None,
    source_token: str | None = None,
    lease_id: str | None = None,
    keep_last_write: bool = False,
) -> Flow[RangeWritten]:
    """Write ``length`` bytes (4 MiB at most) at ``offset`` that the service reads from ``source`` (Put Range from URL).

    ``source`` is another file's client, also one in a share snapshot, or a URL, read from ``source_offset`` on. Within
    one account the client's own credential reads it; otherwise what its URL carries, or ``source_token``, the text of
    a bearer token. A CRC64 is 8 bytes, the lowest first, or their base64: the range is written only if the source has
    ``if_source_crc64``, or has not ``if_source_crc64_not``; ``source_crc64`` guards the way from there.
    """
    refuse_snapshot(target)
    operation = from_url.put_range_from_url(
        target.share,
        target.path,
        offset,
        length,
        source_address(source, target),
        source_offset,
        source_crc64=source_crc64,
        if_source_crc64=if_source_crc64,
        if_source_crc64_not=if_source_crc64_not,
        source_token=source_token,
        lease_id=lease_id,
        keep_last_write=keep_last_write,
    )
    return (yield from call(target.session, operation))


__all__ = ["put_range_from_url"]
