"""Whether a file holds what it should: all of it is read, in order, and hashed."""

from __future__ import annotations

from azfiles.errors import ContentMismatch
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.flows.transfers.checking import WholeHash
from azfiles.flows.transfers.fetching import Remote, fetch
from azfiles.flows.transfers.filling import Pace


def check_read_back(
    place: Target, size: int, expected: str, pace: Pace, checksum: str | None, lease_id: str | None
) -> Flow[None]:
    """Read a file that was written just now; ``ContentMismatch`` where it is not ``size`` bytes of the MD5 ``expected``."""
    remote = Remote(place, Pace(pace.range_size, pace.concurrency), checksum, lease_id)
    version = yield from remote.look()
    whole = WholeHash()
    parts = yield from remote.parts(version, [(0, version.size)] if version.size else [], sparse=None)
    rooms = [remote.room(min(pace.range_size, version.size)) for _ in range(pace.workers_for(version.size))]
    yield from fetch(remote, version, parts, rooms, lambda _, data: whole.take(data), in_order=True)
    if version.size != size or whole.text != expected:
        raise ContentMismatch(f"{place.url} does not hold what was sent")


__all__ = ["check_read_back"]
