"""The store: all or none, views that stay, forks that part; and the check of invariants itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from azfiles_sim.model import changes as ch
from azfiles_sim.model import commands as c
from azfiles_sim.model.content import Received
from azfiles_sim.model.entities import Breaking, Handle, Leased
from azfiles_sim.model.invariants import InvariantBroken, check
from azfiles_sim.ordered_map import OrderedMap
from azfiles_sim.storage.memory import MemoryStore
from tests.model.world import SDDL, World, dump


def test_changes_are_applied_all_or_none(world):
    before = dump(world.view)
    with pytest.raises(KeyError):
        world.store.apply([ch.PutShare(replace(world.share(), name="other")), ch.DropShare("acct", "missing")])
    assert dump(world.view) == before


def test_a_view_does_not_change(world):
    view = world.view
    world.make_file("f")
    assert [node.name for node in view.nodes(world.share().tree)] == [""]
    assert [node.name for node in world.view.nodes(world.share().tree)] == ["", "f"]


def test_a_fork_goes_its_own_way(world):
    world.make_file("f", 6, b"before")
    fork = world.store.fork()
    world.write("f", b"after!")
    other = World()
    other.store = fork
    assert other.read("f") == b"before"
    other.do(c.DeleteFile, share="data", path="f")
    assert world.read("f") == b"after!"


def test_dropping_a_shares_permissions_leaves_other_shares_theirs(world):
    world.make_share("more")
    for share in ("data", "more"):
        key = world.do(c.CreatePermission, share=share, permission=SDDL).permission_key
    world.do(c.DeleteShare, share="data")
    assert world.do(c.GetPermission, share="more", permission_key=key).permission.startswith(SDDL)


def test_nothing_is_found_in_an_empty_store():
    view = MemoryStore().view()
    tree = World().make_share().tree
    assert view.account("a") is None
    assert list(view.accounts()) == list(view.shares("a")) == list(view.nodes(tree)) == []
    assert view.child(tree, 0, "") is None
    assert (view.snapshots("a", "b"), view.handles("a", "b"), view.name_held_until("a", "b")) == ([], (), 0)


def _node(world, path, **fields):
    return ch.PutNode(world.share().tree, replace(world.file(path), **fields))


def _content(world, *extents, written=None):
    content = world.file("f").content
    total = sum(len(view) for _, view in extents)
    return replace(content, extents=OrderedMap(extents), written=total if written is None else written)


X = Received(memoryview(b"xxxx"), 0, 4)
SPOILERS: dict[str, Any] = {
    "overlap": lambda w: _node(w, "f", content=_content(w, (0, X), (2, X))),
    "beyond its size": lambda w: _node(w, "f", content=_content(w, (8, X))),
    "counts 9": lambda w: _node(w, "f", content=_content(w, (0, X), written=9)),
    "empty extent": lambda w: _node(w, "f", content=_content(w, (0, X[:0]))),
    "can be changed": lambda w: _node(w, "f", content=_content(w, (0, Received(memoryview(bytearray(4)), 0, 4)))),
    "counts 3": lambda w: ch.PutShare(replace(w.share(), written=3)),
    "no parent": lambda w: _node(w, "f", parent_id=77, file_id=78),
    "twice": lambda w: _node(w, "f", name="g"),
    "than were made": lambda w: ch.PutShare(replace(w.share(), files_made=0)),
    "not given out": lambda w: _node(w, "f", stamp=w.view.account("acct").last_stamp + 1),
    "stamp out of order": lambda w: ch.PutShare(replace(w.share(), stamp=w.share().stamp - 1)),
    "wrong kind": lambda w: _node(w, "f", smb=w.directory("d").smb),
    "does not know": lambda w: _node(w, "f", smb=replace(w.file("f").smb, permission_key="1*2")),
    "cannot have": lambda w: _node(w, "f", lease=Breaking("x", 1)),
    "a lease that": lambda w: _node(w, "f", lease=Leased("x", 1, 1)),
    "no root": lambda w: ch.DropNode(w.share().tree, 0, ""),
    "another account": lambda w: ch.PutShare(replace(w.share(), account="other")),
    "generation that was not": lambda w: ch.PutAccount(replace(w.view.account("acct"), shares_made=0)),
    "another share's generation": lambda w: ch.PutShare(replace(w.share(), name="twin")),
    "as a snapshot": lambda w: ch.PutShare(replace(w.share(), tree=replace(w.share().tree, snapshot=5))),
    "out of order": lambda w: ch.PutHandles("acct", "data", (_handle(2), _handle(1))),
    "snapshot": lambda w: ch.PutShare(replace(w.share(), last_snapshot=0)),
    "another instant": lambda w: _snapshot(w, tree=w.share().tree),
    "of another generation": lambda w: _snapshot(
        w, tree=replace(w.view.snapshots("acct", "data")[0].tree, generation=9)
    ),
    "whole second": lambda w: _snapshot(w, snapshot=w.share().last_snapshot - 1),
    "later than": lambda w: _snapshot(w, stamp=w.share().last_snapshot + w.share().stamp),
}


def _handle(number):
    return Handle(number, "f", 1, 0, 1, "x", 0)


def _snapshot(world, **fields):
    (first, *_) = world.view.snapshots("acct", "data")
    return ch.PutSnapshot("acct", replace(first, **fields))


@pytest.mark.parametrize("what", SPOILERS)
def test_a_spoiled_state_is_found(world, what):
    world.make_file("f", 10)
    world.make_directory("d")
    world.snapshot()
    change = SPOILERS[what](world)
    if what == "another account":  # stored under this account's name, but saying otherwise
        view = world.store.view().copy()
        view._shares = view._shares.set(("acct", "data"), change.share)
        with pytest.raises(InvariantBroken, match=what):
            check(view)
        return
    world.store.apply([change])
    with pytest.raises(InvariantBroken, match=what):
        check(world.view)
