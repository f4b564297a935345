"""Share snapshots: what they keep, what changed since, and that a share with snapshots is not deleted by itself."""

from __future__ import annotations

import azfiles
from azfiles_sim import ManualClock


def session(client: azfiles.ServiceClient, clock: ManualClock) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("snapshots")
    share.create(metadata={"age": "first"})
    file = share.file("f")
    file.create(1024)
    file.put_range(0, b"1" * 1024)
    first = share.create_snapshot().snapshot
    clock.advance(2)
    share.set_metadata({"age": "second"})
    file.put_range(512, b"2" * 512)
    second = share.create_snapshot(metadata={"own": "yes"}).snapshot
    clock.advance(2)
    file.delete()
    told: list[object] = [first, second]
    for taken in (first, second):
        kept = share.snapshot(taken)
        told += [bytes(kept.file("f").get_range(510, 4).content), kept.get_properties().metadata]
        told += [[entry.name for entry in kept.root.list()]]
    told += [share.snapshot(second).file("f").list_ranges(previous_snapshot=first).ranges]
    told += [[(item.name, item.snapshot) for item in client.list_shares(include=("snapshots",))]]
    try:
        share.delete()
    except azfiles.Conflict as refusal:
        told.append((refusal.status, refusal.code))
    share.delete(delete_snapshots="include")
    return told
