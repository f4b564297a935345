"""All leases that there are: of shares, of snapshots, of files wherever they are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Final, NamedTuple

from azfiles_sim.inspector.places import Spot
from azfiles_sim.model.entities import AVAILABLE, Available, Directory, File, Lease, Share
from azfiles_sim.model.view import View
from azfiles_sim.wire.dates import iso_time

MOST_LEASES: Final = 1000
"""So many are told."""


class Held(NamedTuple):
    """A lease and what it is on."""

    spot: Spot
    kind: str
    lease: Lease


class Leases:
    """Finds them by looking at every file, which is done once for a state. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._view: View | None = None
        self._found: tuple[Held, ...] = ()

    def find(self, view: View) -> tuple[Held, ...]:
        """Every lease, in the order of accounts and shares; one that has run out too, as its time is another's."""
        with self._lock:
            if self._view is not view:
                self._found = tuple(_all(view))
                self._view = view
            return self._found


def _all(view: View) -> Iterator[Held]:
    for account in view.accounts():
        for share in view.shares(account.name):
            if not isinstance(share.lease, Available):
                yield Held(Spot(account.name, share.name), "share", share.lease)
            for snapshot in view.snapshots(account.name, share.name):
                if not isinstance(snapshot.lease, Available):
                    yield Held(Spot(account.name, share.name, iso_time(snapshot.snapshot)), "snapshot", snapshot.lease)
            yield from _of_files(view, share)


def _of_files(view: View, share: Share) -> Iterator[Held]:
    directories: dict[int, Directory] = {}
    leased: list[File] = []
    for node in view.nodes(share.tree):
        if isinstance(node, Directory):
            directories[node.file_id] = node
        elif node.lease is not AVAILABLE and not isinstance(node.lease, Available):
            leased.append(node)
    for file in leased:
        names = [file.name]
        parent = directories.get(file.parent_id)
        while parent is not None and parent.name:
            names.append(parent.name)
            parent = directories.get(parent.parent_id)
        yield Held(Spot(share.account, share.name, "", "/".join(reversed(names))), "file", file.lease)


__all__ = ["MOST_LEASES", "Held", "Leases"]
