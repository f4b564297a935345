"""A small world for transfers: a share with a file, another that is leased, and what a reader sees there."""

from __future__ import annotations

import io
from pathlib import Path

import azfiles
from azfiles_sim import ManualClock, Simulator

OLD = b"the old content, in four ranges"
NEW = b"a new content that is longer than the old one was"
LEASE = "aaaaaaaa-0000-4000-8000-000000000001"
RANGE = 8
TEMPORARY = r"\.azfiles-[0-9a-f]{32}\.new"


class World:
    """A simulator with its clock; ``fork`` is a copy of both."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def fork(self) -> World:
        return World(self.simulator.fork())

    @property
    def clock(self) -> ManualClock:
        clock = self.simulator.clock
        assert isinstance(clock, ManualClock)
        return clock

    def share(self, **options) -> azfiles.ShareClient:
        options = {"clock": self.clock, "retry": None, **options}
        return azfiles.connect(self.simulator.handle, **options).share("data")

    def contents(self) -> dict[str, bytes]:
        share = self.share()
        return {entry.name: bytes(share.file(f"d/{entry.name}").get().content) for entry in share.directory("d").list()}

    def leased(self) -> set[str]:
        share = self.share()
        names = [entry.name for entry in share.directory("d").list()]
        return {name for name in names if share.file(f"d/{name}").get_properties().lease.state == "leased"}


def make_world() -> World:
    clock = ManualClock()
    world = World(Simulator(clock=clock))
    share = world.share()
    share.create()
    share.directory("d").create()
    for name in ("f", "held"):
        share.file(f"d/{name}").upload(
            OLD,
            http=azfiles.HttpHeaders(content_type="text/old", cache_control="no-cache"),
            metadata={"kept": "yes"},
            smb=azfiles.SmbSettings(attributes="Hidden|Archive"),
        )
    share.file("d/held").acquire_lease(proposed_id=LEASE)
    clock.advance(100)
    return world


class OnlyIterable:
    """Bytes in pieces, and nothing else: no length, no second time."""

    def __init__(self, data: bytes, piece: int) -> None:
        self.pieces = [data[start : start + piece] for start in range(0, len(data), piece)]

    def __iter__(self):
        return iter(self.pieces)


def sources(data: bytes, folder: Path):
    """The same bytes as everything that can be uploaded, by name, with the options that it takes."""
    path = folder / "source"
    path.write_bytes(data)
    return {
        "bytes": (data, {}),
        "bytearray": (bytearray(data), {}),
        "path": (path, {}),
        "file object": (io.BytesIO(data), {}),
        "file object of known size": (io.BytesIO(data), {"size": len(data)}),
        "iterable": (OnlyIterable(data, 5), {}),
        "iterable of known size": (OnlyIterable(data, 100), {"size": len(data)}),
    }
