"""Random commands: deciding changes nothing, what is applied keeps every invariant, refusals change nothing; and the
tree agrees with a naive dictionary of paths.
"""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from azfiles_sim.model import commands as c
from azfiles_sim.model.entities import Directory, File
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.model.rules import RULES
from tests.model.world import A, World

NAMES = st.sampled_from(["a", "b", "C", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(tuple)
SIZES = st.integers(0, 2000)


def fold(path):
    return tuple(name.upper() for name in path)


class RandomCommands(RuleBasedStateMachine):
    """``model`` maps folded paths to None for a directory, to its bytes for a file."""

    @initialize()
    def begin(self):
        self.world = World()
        self.world.make_share()
        self.model: dict[tuple[str, ...], bytearray | None] = {}
        self.snapshots: list[tuple[int, dict[tuple[str, ...], bytes | None]]] = []

    def attempt(self, kind, **fields):
        try:
            return self.world.do(kind, share="data", **fields)
        except ServiceError:
            return None

    @rule(path=PATHS)
    def make_directory(self, path):
        possible = fold(path) not in self.model and self.is_directory(path[:-1])
        assert (self.attempt(c.CreateDirectory, path=path) is not None) == possible
        if possible:
            self.model[fold(path)] = None

    @rule(path=PATHS, size=SIZES)
    def make_file(self, path, size):
        possible = self.is_directory(path[:-1]) and self.model.get(fold(path), b"") is not None
        assert (self.attempt(c.CreateFile, path=path, size=size) is not None) == possible
        if possible:
            self.model[fold(path)] = bytearray(size)

    @rule(path=PATHS, start=SIZES, length=st.integers(1, 900))
    def write(self, path, start, length):
        data = bytes((start + n) % 251 + 1 for n in range(length))
        content = self.model.get(fold(path))
        possible = content is not None and start + length <= len(content)
        done = self.attempt(c.PutRange, **self.world.range_of(path, data, start))
        assert (done is not None) == possible
        if content is not None and possible:
            content[start : start + length] = data

    @rule(path=PATHS, start=SIZES, length=st.integers(1, 1500))
    def clear(self, path, start, length):
        content = self.model.get(fold(path))
        possible = content is not None and start + length <= len(content)
        assert (self.attempt(c.ClearRange, path=path, start=start, end=start + length - 1) is not None) == possible
        if content is not None and possible:
            content[start : start + length] = bytes(length)

    @rule(path=PATHS, size=SIZES)
    def resize(self, path, size):
        content = self.model.get(fold(path))
        assert (self.attempt(c.SetFileProperties, path=path, size=size) is not None) == (content is not None)
        if content is not None:
            self.model[fold(path)] = content[:size] + bytes(max(0, size - len(content)))

    @rule(path=PATHS)
    def delete_file(self, path):
        possible = self.model.get(fold(path)) is not None
        assert (self.attempt(c.DeleteFile, path=path) is not None) == possible
        if possible:
            del self.model[fold(path)]

    @rule(path=PATHS)
    def delete_directory(self, path):
        possible = self.is_directory(path) and not any(other[:-1] == fold(path) for other in self.model)
        assert (self.attempt(c.DeleteDirectory, path=path) is not None) == possible
        if possible:
            del self.model[fold(path)]

    @rule(source=PATHS, path=PATHS, replace=st.booleans(), directory=st.booleans())
    def rename(self, source, path, replace, directory):
        done = self.attempt(
            c.Rename, path=path, source=source, source_share="data", replace=replace, directory=directory
        )
        old, new = fold(source), fold(path)
        free = new not in self.model or (replace and self.model[new] is not None)
        if old == new:
            free = True  # respelled in place, or onto itself
        possible = (
            old in self.model
            and (self.model[old] is None) == directory
            and self.is_directory(path[:-1])
            and free
            and not (directory and new[: len(old)] == old and new != old)
        )
        if old == new and possible:
            return  # whether it is a respelling depends on the spelling, which this model does not keep
        assert (done is not None) == possible
        if possible:
            self.model.pop(new, None)
            moved = {p: self.model.pop(p) for p in list(self.model) if p[: len(old)] == old}
            self.model.update({new + p[len(old) :]: content for p, content in moved.items()})

    @rule(source=PATHS, path=PATHS)
    def copy(self, source, path):
        where = c.CopySource(account="acct", share="data", path=source)
        content = self.model.get(fold(source))
        possible = content is not None and self.is_directory(path[:-1]) and self.model.get(fold(path), b"") is not None
        assert (self.attempt(c.CopyFile, path=path, source=where, source_url="u") is not None) == possible
        if content is not None and possible:
            self.model[fold(path)] = bytearray(content)

    @rule()
    def take_snapshot(self):
        at = self.world.snapshot().snapshot
        frozen = {path: None if content is None else bytes(content) for path, content in self.model.items()}
        self.snapshots.append((at, frozen))

    @rule(seconds=st.sampled_from([0.0, 0.3, 20.0]))
    def wait(self, seconds):
        self.world.clock.advance(seconds)

    @rule(
        action=st.sampled_from(c.LeaseAction),
        duration_s=st.sampled_from([None, 15]),
        period_s=st.sampled_from([None, 0, 9]),
    )
    def lease_share(self, action, duration_s, period_s):
        self.attempt(
            c.LeaseShare,
            action=action,
            duration_s=duration_s,
            break_period_s=period_s,
            proposed_id=A,
            lease_id=None if action in {c.LeaseAction.ACQUIRE, c.LeaseAction.BREAK} else A,
        )

    @rule(kind=st.sampled_from([c.SetShareMetadata, c.SetShareProperties, c.GetShareStatistics, c.GetShare]))
    def touch_share(self, kind):
        assert self.attempt(kind) is not None

    @invariant()
    def the_tree_is_the_models(self):
        assert self.tree() == self.model

    def teardown(self):
        for at, frozen in getattr(self, "snapshots", ()):
            assert self.tree(at) == frozen

    def tree(self, snapshot=None):
        found: dict[tuple[str, ...], bytes | None] = {}
        pending: list[tuple[str, ...]] = [()]
        while pending:
            path = pending.pop()
            listing = self.world.do(c.ListDirectory, share="data", path=path, snapshot=snapshot)
            names = [entry.name.upper() for entry in listing.entries]
            assert names == sorted(names)
            for entry in listing.entries:
                inner = (*path, entry.name)
                if isinstance(entry, Directory):
                    found[fold(inner)] = None
                    pending.append(inner)
                elif isinstance(entry, File):
                    found[fold(inner)] = b"".join(entry.content.read(0, entry.size))
        return found

    def is_directory(self, path):
        return not path or (fold(path) in self.model and self.model[fold(path)] is None)


TestRandomCommands = RandomCommands.TestCase
TestRandomCommands.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


def test_every_command_has_a_rule():
    kinds = {kind for kind in vars(c).values() if isinstance(kind, type) and issubclass(kind, c.Command)}
    assert kinds - {c.Command, c.ServiceCommand, c.ShareCommand, c.PathCommand} == set(RULES)
