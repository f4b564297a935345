"""The program behind ``first_steps.yaml``: a share, two files, a listing, a lease that is in the way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import azfiles
from azfiles_sim import ManualClock, Simulator

CASSETTE = Path(__file__).with_suffix(".yaml")
ACCOUNT_URL = f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net"


def work(client: azfiles.ServiceClient) -> list[object]:
    """Do it, and return what the service told."""
    share = client.share("first-steps")
    share.create(quota_gib=1, metadata={"purpose": "example"})
    share.directory("letters").create()
    alpha = share.file("letters/alpha.txt")
    alpha.upload(b"alpha")
    share.file("letters/beta.txt").upload(b"beta")
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


def record(cassette: Path) -> list[object]:
    """Record the program against a fresh simulator."""
    clock = ManualClock(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    simulator = Simulator(clock=clock)
    key = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY)
    with azfiles.recording(azfiles.InProcessTransport(simulator.handle), cassette, clock=clock) as recorder:
        return work(azfiles.connect(ACCOUNT_URL, key, transport=recorder, clock=clock, seed=1))


if __name__ == "__main__":
    record(CASSETTE)
