"""The store on disk and the store in memory hold the same after any commands, also after closing and opening it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from azfiles_sim.model import changes as ch
from azfiles_sim.model import commands as c
from azfiles_sim.model.entities import AccessPolicy, Handle
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.model.settings import ShareSettings
from tests.model.world import SDDL, A
from tests.proof import THOROUGH
from tests.storage.pairs import Pair

PATHS = st.sampled_from([("a",), ("a",), ("b",), ("B", "a"), ("a", "\U0001f600")])
SHARES = st.sampled_from(["data", "data", "data", "more"])
LINKS = {"account": "premium", "share": "links"}
LINK_NAMES = st.sampled_from([("a",), ("b",), ("c",)])
OFFSETS = st.integers(0, 3000)


def fresh(data: bytes) -> bytes:
    """Other bytes of the same value, as those of two requests are: ranges that differ are told by which write it was."""
    return bytes(bytearray(data))


class StoresAgree(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.pair = Pair(Path(self.folder.name))
        self.forks = []
        self.snapshots = []
        self.pair.do(c.CreateShare)
        self.pair.do(c.CreateDirectory, path=("B",))
        for path in (("a",), ("b",), ("B", "a")):
            self.pair.do(c.CreateFile, path=path, size=3000)
            self.pair.do(c.PutRange, path=path, start=0, end=1999, data=(fresh(b"x" * 2000),), data_md5=b"")
        self.pair.do(c.CreateShare, **LINKS)
        share = self.pair.memory.view().share("premium", "links")
        self.pair.apply([ch.PutShare(replace(share, settings=ShareSettings(protocol="NFS")))])
        self.pair.do(c.CreateFile, **LINKS, path=("a",), size=2000)

    def teardown(self):
        if hasattr(self, "pair"):
            self.pair.reopen()
            self.pair.agree()
            self.pair.close()
            self.folder.cleanup()

    @invariant()
    def they_agree(self):
        self.pair.agree()

    @rule(share=SHARES, path=PATHS, size=OFFSETS, data=st.booleans())
    def make_file(self, share, path, size, data):
        given = (fresh(b"made"),) if data and size >= 4 else ()
        self.pair.do(c.CreateFile, share=share, path=path, size=size, data=given)

    @rule(share=SHARES, path=PATHS)
    def make_directory(self, share, path):
        self.pair.do(c.CreateDirectory, share=share, path=path, metadata=(("k", "v\xe9"),))

    @rule(share=SHARES, path=PATHS, start=OFFSETS, sizes=st.lists(st.integers(1, 700), min_size=1, max_size=3))
    def write(self, share, path, start, sizes):
        data = tuple(fresh(bytes([size % 251]) * size) for size in sizes)
        end = start + sum(sizes) - 1
        self.pair.do(c.PutRange, share=share, path=path, start=start, end=end, data=data, data_md5=b"")

    @rule(share=SHARES, path=PATHS, start=OFFSETS, length=st.integers(1, 2000))
    def clear(self, share, path, start, length):
        self.pair.do(c.ClearRange, share=share, path=path, start=start, end=start + length - 1)

    @rule(share=SHARES, path=PATHS, size=OFFSETS)
    def resize(self, share, path, size):
        self.pair.do(c.SetFileProperties, share=share, path=path, size=size)

    @rule(share=SHARES, path=PATHS, directory=st.booleans())
    def delete(self, share, path, directory):
        self.pair.do(c.DeleteDirectory if directory else c.DeleteFile, share=share, path=path)

    @rule(share=SHARES, source=PATHS, path=PATHS, directory=st.booleans())
    def rename(self, share, source, path, directory):
        fields = {"source": source, "source_share": share, "directory": directory, "replace": True}
        self.pair.do(c.Rename, share=share, path=path, **fields)

    @rule(share=SHARES, source=PATHS, source_share=SHARES, path=PATHS)
    def copy(self, share, source, source_share, path):
        where = c.CopySource(account="acct", share=source_share, path=source)
        self.pair.do(c.CopyFile, share=share, path=path, source=where, source_url="u")

    @rule(share=SHARES, path=PATHS)
    def lease(self, share, path):
        self.pair.do(c.LeaseFile, share=share, path=path, action=c.LeaseAction.ACQUIRE, proposed_id=A)

    @rule(share=SHARES)
    def take_snapshot(self, share):
        made = self.pair.do(c.SnapshotShare, share=share)
        if not isinstance(made, ServiceError):
            self.snapshots.append((share, made.snapshot.snapshot))

    @rule(number=st.integers(0, 9))
    def drop_snapshot(self, number):
        if self.snapshots:
            share, at = self.snapshots.pop(number % len(self.snapshots))
            self.pair.do(c.DeleteShare, share=share, snapshot=at)

    @rule(number=st.integers(0, 9), path=PATHS)
    def compare_with_a_snapshot(self, number, path):
        if self.snapshots:
            share, at = self.snapshots[number % len(self.snapshots)]
            self.pair.do(c.ListRanges, share=share, path=path, previous=at)

    @rule(old=LINK_NAMES, path=LINK_NAMES)
    def link(self, old, path):
        self.pair.do(c.CreateHardLink, **LINKS, path=path, target=old)

    @rule(path=LINK_NAMES, start=OFFSETS)
    def write_through_a_link(self, path, start):
        self.pair.do(c.PutRange, **LINKS, path=path, start=start, end=start + 2, data=(fresh(b"abc"),), data_md5=b"")

    @rule(path=LINK_NAMES, make=st.booleans())
    def unlink(self, path, make):
        self.pair.do(c.DeleteFile, **LINKS, path=path)
        if make:
            self.pair.do(c.CreateFile, **LINKS, path=path, size=500)

    @rule()
    def take_a_snapshot_of_links(self):
        self.pair.do(c.SnapshotShare, **LINKS)

    @rule(share=SHARES)
    def make_share(self, share):
        self.pair.do(c.CreateShare, share=share)

    @rule(share=SHARES, really=st.sampled_from([False, False, False, True]))
    def delete_share(self, share, really):
        if really:
            self.pair.do(c.DeleteShare, share=share, delete_snapshots="include")

    @rule()
    def undelete_share(self):
        for deleted in self.pair.memory.view().account("acct").deleted_shares[:1]:
            self.pair.do(c.UndeleteShare, share=deleted.share.name, deleted=deleted.deleted)

    @rule(share=SHARES)
    def set_share(self, share):
        self.pair.do(c.CreatePermission, share=share, permission=SDDL)
        self.pair.do(c.SetShareAccessPolicy, share=share, policies=(AccessPolicy("p", permission="r"),))

    @rule(share=SHARES, number=st.integers(1, 3))
    def open_handle(self, share, number):
        if self.pair.memory.view().share("acct", share) is not None:
            self.pair.apply([ch.PutHandles("acct", share, (Handle(number, "a", 1, 0, 1, "x", 0),))])

    @rule(seconds=st.sampled_from([1.0, 90.0, 90_000.0]))
    def wait(self, seconds):
        self.pair.clock.advance(seconds)

    @rule()
    def reopen(self):
        self.pair.reopen()
        self.forks.clear()

    @rule()
    def fork(self):
        self.forks.append((self.pair.memory.fork(), self.pair.disk.fork()))

    @rule(number=st.integers(0, 9))
    def restore(self, number):
        if self.forks:
            memory, disk = self.forks[number % len(self.forks)]
            self.pair.memory.restore(memory)
            self.pair.disk.restore(disk)


TestStoresAgree = StoresAgree.TestCase
TestStoresAgree.settings = settings(max_examples=25 if THOROUGH else 8, stateful_step_count=30, deadline=None)
