"""Mistakes that Azurite cannot see: it has no share snapshots."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from azfiles_sim.model import commands as c
from azfiles_sim.storage.memory import MemoryView
from tests.oracle.bugs.placing import MODEL, Placing, bug, rule


@bug(MODEL)
def a_snapshot_shares_the_live_tree() -> Placing:
    real = MemoryView._tree

    def wrong(self, tree):
        return real(self, replace(tree, snapshot=None))

    return patch.object(MemoryView, "_tree", wrong)


@bug(MODEL)
def a_snapshot_holds_no_metadata() -> Placing:
    def wrong(context, command, real):
        decision = real(context, command)
        changes = tuple(
            replace(one, snapshot=replace(one.snapshot, metadata=()))
            if hasattr(one, "snapshot") and hasattr(one.snapshot, "metadata")
            else one
            for one in decision.changes
        )
        return replace(decision, changes=changes)

    return rule(c.SnapshotShare, wrong)
