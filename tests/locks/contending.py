"""Processes that want a lock: one that keeps it until it is killed, and one that waits for it."""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection

import azfiles


def keep(connection_string: str, ttl: float, channel: Connection) -> None:
    """Lock the file, tell the token, and stay alive until killed. The lock's heartbeat runs all the while."""
    with azfiles.connect(connection_string) as service, service.share("data").file("f").lock(ttl=ttl) as held:
        channel.send(held.token)
        threading.Event().wait(60)  # the killer comes much earlier


def contend(connection_string: str, wait_s: float, channel: Connection) -> None:
    """Write under the lock and tell its token, or None where it was not to be had. It waits as long as the holder's time to
    live says, whatever its own is.
    """
    with azfiles.connect(connection_string) as service:
        file = service.share("data").file("f")
        try:
            with file.lock(ttl=30, wait_s=wait_s) as held:
                file.put_range(0, b"next", lease_id=held.lease_id)
                channel.send(held.token)
        except azfiles.LockNotAcquired:
            channel.send(None)
