"""A machine that does random things to shares and files through a client and compares every answer with a model's.

Subclass ``FilesMachine`` to give a target of your own (``make_target``), or rules for code of your own::

    class MyMachine(FilesMachine):
        @rule(path=files, data=strategies.contents())
        def my_upload(self, path, data):
            my_code.upload(self.driver.share("data"), path, data)
            ...

    TestMyMachine = MyMachine.TestCase

Hypothesis prints the shortest steps that fail, as a program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.strategies import SearchStrategy

import azfiles
from azfiles_sim.testing import strategies
from azfiles_sim.testing.driving import Driver
from azfiles_sim.testing.expectations import Correspondence, Observation, Refusal, Unknown
from azfiles_sim.testing.model import Directory, File, Lease, Model, walk
from azfiles_sim.testing.steps import Difference, Step, compare, perform
from azfiles_sim.testing.targets import Capability, SimulatorTarget, Target

LARGEST: Final = 3000
"""Bytes of the largest file: several pages, with odd ends."""

LABELS: Final = ("data", "other")
DIRECTORIES: Final = ("d", "d/e ü%41", "f", "D")
FILES: Final = ("a", "b.txt", "d/a", "d/b.", "d/e ü%41/a", "f/a", "B.TXT", "d")
LEASE_IDS: Final = ("aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002")
WAITS_S: Final = (1, 10, 14, 15, 60)
SPOTS: Final = tuple(
    edge + shift for edge in (0, 512, 1024, 1536, 2048) for shift in (-1, 0, 1, 77) if edge + shift >= 0
)
"""Sizes and offsets: where pages begin and end, and inside of them."""
LENGTHS: Final = (1, 3, 100, 511, 512, 513, 1024, 1537)
RANGE_VERBS: Final = ("put", "put", "put", "put", "clear", "clear", "resize", "resize", "get")
FILE_LEASE_VERBS: Final = ("acquire", "acquire", "change", "release", "break", "write", "overwrite", "read")
SHARE_LEASE_VERBS: Final = (
    *("acquire", "acquire", "acquire", "renew", "renew", "change", "release"),
    *("break", "break", "wait", "wait", "wait", "write", "delete"),
)
FITTING: Final = "the one that fits"
"""Stands for the id of the lease that is held, or for no id where none is."""

Place: TypeAlias = tuple[str, str]
"""The label of a share and a path in it."""


def _there(list_places: Callable[[FilesMachine], list[Place]], elsewhere: Sequence[str]) -> SearchStrategy[Place]:
    """Places where something is, and now and then any."""

    def draw(machine: FilesMachine) -> SearchStrategy[Place]:
        found = list_places(machine)
        anywhere = st.tuples(labels, st.sampled_from(elsewhere))
        if not found:
            return anywhere
        there = st.sampled_from(found)
        return st.one_of(there, there, there, there, there, anywhere)

    return st.runner().flatmap(draw)


labels = st.sampled_from(("data", "data", "data", "other"))
new_paths = st.sampled_from(FILES)
new_directories = st.sampled_from(DIRECTORIES)
files = _there(lambda machine: machine.files_there(), FILES)
directories = _there(lambda machine: machine.directories_there(), DIRECTORIES)
keys = st.sampled_from((*[FITTING] * 8, None, *LEASE_IDS))
sizes = st.sampled_from((1024, 700, 1537)) | strategies.sizes(max_size=LARGEST)  # first what most steps can work on
moves = st.randoms(use_true_random=True)
"""Decides the moves of a rule that makes many: what drawing each would cost is better spent on more of them."""
metadata = st.sampled_from(({}, {"a": "1"}, {"a": "2", "B": "x y"}))


class FilesMachine(RuleBasedStateMachine):
    """Does to one account what its rules say. ``model`` knows what should be there, ``driver`` carries steps out,
    ``asked`` are the operations so far and ``steps`` what came of them.
    """

    def make_target(self) -> Target:
        """The target of one run, empty. By default a simulator in this process."""
        return SimulatorTarget()

    def __init__(self) -> None:
        super().__init__()
        self.target = self.make_target()
        self.driver = Driver(self.target.connect(), self.target.share_name)
        moves = Capability.MOVE_TIME in self.target.capabilities
        self.model = Model(real_time=not moves)
        self.correspondence = Correspondence(self.target.now if moves else None)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.steps: list[Step] = []

    def teardown(self) -> None:
        """Compare everything that should be there, then remove it."""
        try:
            self.compare_everything()
        finally:
            self.target.close()

    # --- steps -----------------------------------------------------------------------------------------------------

    def check(self, operation: str, **arguments: Any) -> bool:
        """Do one operation in model and service, named as ``Model``'s method; whether it succeeded. One of which nobody
        knows what it does is left out. Raises ``Difference``.
        """
        try:
            expected: Observation | Refusal = getattr(self.model, operation)(**arguments)
        except Refusal as refusal:
            expected = refusal
        except Unknown:
            return False
        self.asked.append((operation, arguments))
        step = Step(operation, arguments, expected, self.perform(operation, arguments))
        self.steps.append(step)
        difference = compare(step, self.correspondence)
        if difference:
            raise Difference(f"{step}: {difference}")
        return not isinstance(expected, Refusal)

    def perform(self, operation: str, arguments: dict[str, Any]) -> Observation | azfiles.ServiceError:
        """Have the service do it."""
        if operation == "wait":
            self.target.advance(arguments["seconds"])
            return {}
        return perform(self.driver, operation, arguments)

    def look_at_file(self, place: Place) -> None:
        """Compare content, properties and ranges at a place, whatever is there."""
        share, path = place
        if self.check("get_file", share=share, path=path):
            self.check("list_ranges", share=share, path=path)

    def compare_everything(self) -> None:
        """Compare every share, snapshot, directory and file."""
        for label, share in sorted(self.model.shares.items()):
            for snapshot in (None, *sorted(share.snapshots)):
                self.check("get_share", share=label, snapshot=snapshot)
                root = share.root if snapshot is None else share.snapshots[snapshot].root
                self.check("list_directory", share=label, path="", snapshot=snapshot)
                for path, node in walk(root):
                    if isinstance(node, File):
                        self.check("get_file", share=label, path=path, snapshot=snapshot)
                        self.check("list_ranges", share=label, path=path, snapshot=snapshot)
                    else:
                        self.check("get_directory", share=label, path=path, snapshot=snapshot)
                        self.check("list_directory", share=label, path=path, snapshot=snapshot)

    # --- what is there -----------------------------------------------------------------------------------------------

    def files_there(self) -> list[Place]:
        return [(label, path) for label, path, node in self._nodes() if isinstance(node, File)]

    def directories_there(self) -> list[Place]:
        return [(label, path) for label, path, node in self._nodes() if isinstance(node, Directory)]

    def file_at(self, place: Place) -> File | None:
        """What the model knows of a file, by any spelling of its path."""
        found = [node for label, path, node in self._nodes() if (label, path.upper()) == (place[0], place[1].upper())]
        return found[0] if found and isinstance(found[0], File) else None

    def _nodes(self) -> Iterator[tuple[str, str, File | Directory]]:
        for label, share in sorted(self.model.shares.items()):
            for path, node in walk(share.root):
                yield label, path, node

    def file_key(self, place: Place, key: str | None) -> str | None:
        """The lease id that a drawn key stands for at a file."""
        if key != FITTING:
            return key
        found = self.file_at(place)
        return found.lease.holder if found is not None and found.lease.state == "leased" else None

    def share_key(self, label: str, key: str | None) -> str | None:
        """The same at a share."""
        if key != FITTING:
            return key
        share = self.model.shares.get(label)
        return share.lease.holder if share is not None and share.lease.state == "leased" else None

    def fit(self, place: Place, offset: int, length: int) -> tuple[int, int]:
        """A range drawn for any file, moved into the one at a place."""
        found = self.file_at(place)
        size = len(found.content) if found is not None else 0
        offset %= max(size, 1)
        return offset, max(min(length, size - offset), 1)

    # --- rules: shares -----------------------------------------------------------------------------------------------

    @initialize(size=sizes, data=strategies.contents())
    def begin(self, size: int, data: bytes) -> None:
        """A share with a directory and two files, so that most steps find something."""
        self.check("create_share", share="data", metadata={})
        self.check("create_directory", share="data", path="d", metadata={})
        self.check("create_file", share="data", path="a", size=size, metadata={})
        self.check("create_file", share="data", path="d/a", size=len(data), metadata={"a": "1"})
        if data:
            self.check("put_range", share="data", path="d/a", offset=0, data=data)

    @rule(label=labels, metadata=metadata, quota_gib=st.none() | st.integers(1, 100))
    def create_share(self, label: str, metadata: dict[str, str], quota_gib: int | None) -> None:
        self.check("create_share", share=label, metadata=metadata, quota_gib=quota_gib)
        self.check("get_share", share=label)

    @rule(label=st.sampled_from(("other", "other", "data")), include=st.booleans(), key=keys)
    def delete_share(self, label: str, include: bool, key: str | None) -> None:
        self.check("delete_share", share=label, include_snapshots=include, lease_id=self.share_key(label, key))
        self.check("get_share", share=label)

    @rule(label=labels, metadata=metadata, quota_gib=st.integers(1, 100), key=keys)
    def change_share(self, label: str, metadata: dict[str, str], quota_gib: int, key: str | None) -> None:
        """Set a share's metadata and its quota."""
        lease_id = self.share_key(label, key)
        self.check("set_share_metadata", share=label, metadata=metadata, lease_id=lease_id)
        self.check("get_share", share=label)
        self.check("set_quota", share=label, quota_gib=quota_gib, lease_id=lease_id)
        self.check("get_share", share=label)

    @rule(label=labels, metadata=st.none() | metadata)
    def take_snapshot(self, label: str, metadata: dict[str, str] | None) -> None:
        self.check("snapshot_share", share=label, metadata=metadata)
        self.check("get_share", share=label)

    @precondition(lambda self: self.snapshots_there())
    @rule(number=st.integers(0, 20), path=new_paths, deleting=st.sampled_from((False, False, False, True)))
    def use_snapshot(self, number: int, path: str, deleting: bool) -> None:
        """Look at what is in a snapshot, and copy a file back from it or delete it."""
        there = self.snapshots_there()
        label, snapshot = there[number % len(there)]
        self.check("get_share", share=label, snapshot=snapshot)
        self.check("get_file", share=label, path=path, snapshot=snapshot)
        self.check("list_directory", share=label, path="", snapshot=snapshot)
        if deleting:
            self.check("delete_snapshot", share=label, snapshot=snapshot)
            self.check("get_share", share=label, snapshot=snapshot)
        else:
            self.check(
                "copy_file",
                share=label,
                source=path,
                path=path,
                snapshot=snapshot,
                lease_id=self.file_key((label, path), FITTING),
            )
            self.look_at_file((label, path))

    def snapshots_there(self) -> list[tuple[str, int]]:
        return [(label, number) for label, share in sorted(self.model.shares.items()) for number in share.snapshots]

    @rule(label=labels, moves=moves)
    def use_share_lease(self, label: str, moves: Random) -> None:
        """Sixteen moves of one share's lease, in between now and then the share's deletion and another creation."""
        for _ in range(16):
            verb = moves.choice(SHARE_LEASE_VERBS)
            share = self.model.shares.get(label)
            lease = share.lease if share is not None else Lease()
            lease_id = (lease.holder if moves.random() < 0.7 else moves.choice(LEASE_IDS)) or LEASE_IDS[0]
            if share is None:
                self.check("wait", seconds=moves.choice(WAITS_S))
                self.check("create_share", share=label, metadata={})
            elif verb == "wait":
                left = lease.until - self.model.now if lease.is_held else 0
                self.check("wait", seconds=moves.choice((left - 1, left)) if left > 1 else moves.choice(WAITS_S))
            elif verb == "acquire":
                duration_s = moves.choice((15, 20, 60, -1))
                self.check("acquire_share_lease", share=label, lease_id=lease_id, duration_s=duration_s)
            elif verb == "change":
                new_id = moves.choice(LEASE_IDS)
                self.check("change_share_lease", share=label, lease_id=lease_id, new_id=new_id)
            elif verb == "break":
                self.check("break_share_lease", share=label, period_s=moves.choice((None, 0, 5, 60)))
            elif verb == "write":
                self.check("set_share_metadata", share=label, metadata={"a": "3"}, lease_id=lease_id)
            elif verb == "delete":
                given = moves.choice((None, lease_id))
                self.check("delete_share", share=label, include_snapshots=True, lease_id=given)
            else:
                self.check(f"{verb}_share_lease", share=label, lease_id=lease_id)
            self.check("get_share", share=label)
            if verb in {"acquire", "renew", "break"} and moves.random() < 0.4:
                self._wait_until_nearly_over(label)

    def _wait_until_nearly_over(self, label: str) -> None:
        """Let nearly all the time pass that a lease, or its being broken, still has."""
        share = self.model.shares.get(label)
        if share is not None and share.lease.is_held and share.lease.until - self.model.now > 1:
            self.check("wait", seconds=share.lease.until - self.model.now - 1)
            self.check("get_share", share=label)

    @rule(seconds=st.sampled_from(WAITS_S))
    def wait(self, seconds: float) -> None:
        self.check("wait", seconds=seconds)
        for label in sorted(self.model.shares):
            self.check("get_share", share=label)

    # --- rules: directories ------------------------------------------------------------------------------------------

    @rule(label=labels, path=new_directories, metadata=metadata)
    def create_directory(self, label: str, path: str, metadata: dict[str, str]) -> None:
        self.check("create_directory", share=label, path=path, metadata=metadata)
        self.check("get_directory", share=label, path=path)

    @rule(place=directories, metadata=st.none() | metadata)
    def change_directory(self, place: Place, metadata: dict[str, str] | None) -> None:
        """Set a directory's metadata, or delete it."""
        label, path = place
        if metadata is None:
            self.check("delete_directory", share=label, path=path)
        else:
            self.check("set_directory_metadata", share=label, path=path, metadata=metadata)
        self.check("get_directory", share=label, path=path)

    @rule(place=directories, new_path=new_directories | new_paths, replace=st.booleans())
    def rename_directory(self, place: Place, new_path: str, replace: bool) -> None:
        label, path = place
        self.check("rename_directory", share=label, path=path, new_path=new_path, replace=replace)
        self.check("get_directory", share=label, path=path)
        self.check("get_directory", share=label, path=new_path)
        self.check("list_directory", share=label, path=new_path)

    @rule(
        place=st.just(("data", "")) | directories,
        prefix=st.sampled_from(("", "", "a", "b", "d")),
        page_size=st.sampled_from((None, 1, 2)),
    )
    def list_directory(self, place: Place, prefix: str, page_size: int | None) -> None:
        label, path = place
        self.check("list_directory", share=label, path=path, prefix=prefix, page_size=page_size)

    # --- rules: files ------------------------------------------------------------------------------------------------

    @rule(label=labels, path=new_paths, size=sizes, metadata=metadata, key=keys)
    def create_file(self, label: str, path: str, size: int, metadata: dict[str, str], key: str | None) -> None:
        lease_id = self.file_key((label, path), key)
        self.check("create_file", share=label, path=path, size=size, metadata=metadata, lease_id=lease_id)
        self.look_at_file((label, path))

    @rule(place=files, key=keys, moves=moves)
    def use_ranges(self, place: Place, key: str | None, moves: Random) -> None:
        """A dozen moves on one file's content, most of them inside it."""
        for _ in range(12):
            found = self.file_at(place)
            small = found is not None and len(found.content) < 512 and moves.random() < 0.7
            verb = "resize" if small else moves.choice(RANGE_VERBS)
            offset, length = moves.choice(SPOTS), moves.choice(LENGTHS)
            if moves.random() < 0.85:
                offset, length = self.fit(place, offset, length)
            if verb == "put":
                data = bytes([moves.randrange(256)]) * length
                self._change("put_range", place, key, offset=offset, data=data)
            elif verb == "clear":
                self._change("clear_range", place, key, offset=offset, length=length)
            elif verb == "resize":
                self._change("resize", place, key, size=moves.choice(SPOTS))
            else:
                arguments = {"offset": offset, "length": moves.choice((length, LARGEST))}
                self.check("get_range", share=place[0], path=place[1], **arguments, lease_id=self.file_key(place, key))

    @rule(place=files, first=metadata, then=metadata, content_type=st.sampled_from((None, "text/plain")), key=keys)
    def change_file(
        self, place: Place, first: dict[str, str], then: dict[str, str], content_type: str | None, key: str | None
    ) -> None:
        """Set a file's metadata twice, and in between its content type."""
        self._change("set_file_metadata", place, key, metadata=first)
        self._change("set_content_type", place, key, content_type=content_type)
        self._change("set_file_metadata", place, key, metadata=then)

    @rule(place=files, key=keys)
    def delete_file(self, place: Place, key: str | None) -> None:
        self._change("delete_file", place, key)

    @rule(place=files, new_path=new_paths, replace=st.booleans(), key=keys)
    def rename_file(self, place: Place, new_path: str, replace: bool, key: str | None) -> None:
        label, path = place
        lease_id = self.file_key(place, key)
        self.check("rename_file", share=label, path=path, new_path=new_path, replace=replace, source_lease_id=lease_id)
        self.look_at_file(place)
        self.look_at_file((label, new_path))

    @rule(source=files, path=new_paths, key=keys)
    def copy_file(self, source: Place, path: str, key: str | None) -> None:
        label, original = source
        lease_id = self.file_key((label, path), key)
        self.check("copy_file", share=label, source=original, path=path, lease_id=lease_id)
        self.look_at_file((label, path))

    @rule(place=files, moves=moves)
    def use_file_lease(self, place: Place, moves: Random) -> None:
        """A dozen moves of one file's lease, and writes and reads with and without its id."""
        label, path = place
        for _ in range(12):
            verb = moves.choice(FILE_LEASE_VERBS)
            found = self.file_at(place)
            holder = found.lease.holder if found is not None else ""  # also of a lease that was broken
            lease_id = (holder if moves.random() < 0.7 else moves.choice(LEASE_IDS)) or LEASE_IDS[0]
            key = self.file_key(place, moves.choice((FITTING, FITTING, None, lease_id)))
            if verb == "read":
                self.check("get_range", share=label, path=path, offset=0, length=10, lease_id=lease_id)
            elif verb == "write":
                self.check("resize", share=label, path=path, size=600, lease_id=key)
            elif verb == "overwrite":
                self.check("create_file", share=label, path=path, size=600, metadata={}, lease_id=key)
            elif verb == "change":
                new_id = moves.choice(LEASE_IDS)
                self.check("change_file_lease", share=label, path=path, lease_id=lease_id, new_id=new_id)
            elif verb == "break":
                self.check("break_file_lease", share=label, path=path)
            else:
                self.check(f"{verb}_file_lease", share=label, path=path, lease_id=lease_id)
            self.check("get_file", share=label, path=path)

    def _change(self, operation: str, place: Place, key: str | None, **arguments: Any) -> None:
        label, path = place
        self.check(operation, share=label, path=path, **arguments, lease_id=self.file_key(place, key))
        self.look_at_file(place)


__all__ = [
    "DIRECTORIES",
    "FILES",
    "FITTING",
    "LEASE_IDS",
    "FilesMachine",
    "Place",
    "directories",
    "files",
    "keys",
    "labels",
    "metadata",
    "new_directories",
    "new_paths",
    "sizes",
]
