"""Every action and every state of a lease, on a share and on a file, and what a lease is in the way of."""

from __future__ import annotations

from refusals import refusal

import azfiles
from azfiles_sim import ManualClock

FIRST = "a1a1a1a1-0000-4000-8000-000000000001"
SECOND = "b2b2b2b2-0000-4000-8000-000000000002"


def session(client: azfiles.ServiceClient, clock: ManualClock) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("leases")
    share.create()
    told: list[object] = [share.acquire_lease(15, proposed_id=FIRST), state(share)]
    clock.advance(10)
    told += [share.renew_lease(FIRST)]
    clock.advance(14)
    told += [state(share), share.change_lease(FIRST, SECOND), refusal(lambda: share.renew_lease(FIRST))]
    told += [share.break_lease(period_s=5), state(share), refusal(lambda: share.acquire_lease(15, proposed_id=FIRST))]
    clock.advance(5)
    told += [state(share), share.acquire_lease(15, proposed_id=FIRST)]
    clock.advance(15)
    told += [state(share), share.renew_lease(FIRST), refusal(share.delete), share.release_lease(FIRST), state(share)]

    file = share.file("held")
    file.create(4)
    told += [file.acquire_lease(proposed_id=FIRST), refusal(lambda: file.put_range(0, b"no"))]
    told += [refusal(lambda: file.put_range(0, b"no", lease_id=SECOND))]
    file.put_range(0, b"mine", lease_id=FIRST)
    told += [file.change_lease(FIRST, SECOND), file.break_lease(), refusal(lambda: file.release_lease(FIRST))]
    told += [file.acquire_lease(proposed_id=FIRST), file.release_lease(FIRST)]
    told += [refusal(lambda: file.put_range(0, b"no", lease_id=FIRST)), bytes(file.get().content)]
    share.delete()
    return told


def state(share: azfiles.ShareClient) -> str:
    """What the share says of its lease."""
    return str(share.get_properties().lease)
