"""Copies: of a file, over a file, of a snapshot, of nothing, and Put Range From URL."""

from __future__ import annotations

import azfiles
from azfiles_sim import ManualClock


def session(client: azfiles.ServiceClient, clock: ManualClock) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("copies")
    share.create()
    source = share.file("source")
    source.create(1024, metadata={"of": "source"})
    source.put_range(0, bytes(range(256)) * 4)
    taken = share.create_snapshot().snapshot
    clock.advance(2)
    source.put_range(0, b"later")
    copy = share.file("copy")
    told: list[object] = [copy.start_copy(source).status, copy.get_properties().metadata]
    told += [bytes(copy.get_range(0, 5).content), copy.get_properties().copy]
    copy.start_copy(share.snapshot(taken).file("source"), metadata={"of": "snapshot"})
    told += [bytes(copy.get_range(0, 5).content), copy.get_properties().metadata]
    part = share.file("part")
    part.create(512)
    part.put_range_from_url(0, 256, source, 256)
    told += [part.list_ranges().ranges, bytes(part.get_range(0, 4).content)]
    try:
        copy.start_copy(share.file("none"))
    except azfiles.NotFound as refusal:
        told.append((refusal.status, refusal.code))
    share.delete(delete_snapshots="include")
    return told
