"""A share, two files, a listing, and a lease that is in the way."""

from __future__ import annotations

import azfiles


def session(client: azfiles.ServiceClient) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("first-steps")
    share.create(quota_gib=1, metadata={"purpose": "example"})
    share.directory("letters").create()
    alpha = share.file("letters/alpha.txt")
    alpha.create(5)
    alpha.put_range(0, b"alpha")
    share.file("letters/beta.txt").create(4)
    lease = alpha.acquire_lease()
    told: list[object] = []
    try:
        alpha.put_range(0, b"ALPHA")
    except azfiles.LeaseConflict as refusal:
        told.append((refusal.status, refusal.code))
    alpha.put_range(0, b"ALPHA", lease_id=lease.id)
    told += [bytes(alpha.get_range(3, 2).content), bytes(alpha.get_range(0, 2).content)]
    alpha.release_lease(lease.id)
    told += list(share.directory("letters").list())
    told += [item.name for item in client.list_shares()]
    share.delete()
    return told
