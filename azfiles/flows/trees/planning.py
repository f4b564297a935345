"""What to do to a tree, as steps one after another: a walk over both sides that looks and changes nothing.

Steps come in an order in which they could be done one by one: a directory is made before what is in it, and deleted after.
Only what is on the way from the root to where the plan is stays in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from enum import Enum
from typing import Any, TypeAlias, TypeVar

from azfiles.errors import AzureFilesError, InvalidArgument
from azfiles.flows.effects import Effect, Flow
from azfiles.flows.trees.choosing import Choice
from azfiles.flows.trees.names import Path, doubles, text_of
from azfiles.flows.trees.sides import Item, Kind, Side
from azfiles.models import TreeAction, TreeStep
from azfiles.records import dataclass

R = TypeVar("R")

Planning: TypeAlias = Generator[Effect | TreeStep, Any, R]
"""A flow that gives steps between its effects."""


class Plan:
    """The steps of a planning, one at a time."""

    def __init__(self, planning: Planning[Any]) -> None:
        self._planning = planning

    def following(self) -> Flow[TreeStep | None]:
        """The next step, ``None`` after the last."""
        value: Any = None
        error: BaseException | None = None
        try:
            while True:
                found = self._planning.send(value) if error is None else self._planning.throw(error)
                value = error = None
                if isinstance(found, TreeStep):
                    return found
                try:
                    value = yield found
                except GeneratorExit:
                    raise
                except BaseException as raised:  # noqa: BLE001 - whatever happened is the planning's to handle
                    error = raised
        except StopIteration:
            return None
        finally:
            error = None  # an error holds its traceback, which holds this frame, which holds the error

    def close(self) -> None:
        self._planning.close()


class Existing(Enum):
    """What is done to a file that is at the destination already: replaced, kept, or replaced if it differs by the time it
    was last written (and size), by size, or by the MD5 of its content (and size).
    """

    REPLACE = "replace"
    KEEP = "keep"
    TIME = "time"
    SIZE = "size"
    MD5 = "md5"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a plan aims at. ``window_ticks`` is by how much times of the same file may differ; ``problem`` says why a path
    cannot be on the other side.
    """

    choice: Choice
    existing: Existing
    delete: bool
    window_ticks: int
    problem: Callable[[Path], str | None]


def failed(path: Path, error: Exception) -> TreeStep:
    """A step that says that something cannot be done."""
    return TreeStep(TreeAction.FAIL, text_of(path), why=str(error), error=error)


def impossible(path: Path, why: str) -> TreeStep:
    return failed(path, InvalidArgument(why))


def listed(side: Side, path: Path) -> Planning[Sequence[Item] | None]:
    """What a directory holds; where that cannot be read, a step says so, and there is nothing."""
    try:
        return (yield from side.list(path))
    except (AzureFilesError, OSError) as error:
        yield failed(path, error)
        return None


class Removal:
    """Deleting on one side. With a choice, what it does not mean stays, and so do the directories that it is in.

    Its plannings say whether all that they were asked for goes: false where something is left on purpose, ``None`` where a
    directory cannot be listed, which is a failure by itself; those above it are tried, and say that they are not empty.
    """

    def __init__(self, side: Side, choice: Choice) -> None:
        self._side = side
        self._choice = choice

    def content(self, path: Path) -> Planning[bool | None]:
        """Delete all in a directory."""
        items = yield from listed(self._side, path)
        if items is None:
            return None
        self._side.foresee(path, [item.name for item in items if item.kind is Kind.DIRECTORY])
        all_gone = True
        for item in items:
            gone = yield from self.item((*path, item.name), item)
            all_gone = all_gone and gone is not False
        return all_gone

    def item(self, path: Path, item: Item) -> Planning[bool | None]:
        """Delete what has a name."""
        if item.kind is Kind.DIRECTORY:
            return (yield from self.directory(path)) if self._choice.takes_directory(path) else False
        if item.kind is Kind.LEFT:
            yield TreeStep(TreeAction.SKIP, text_of(path), why=item.why)
            return False
        if not self._choice.takes_file(path):
            return False
        yield TreeStep(TreeAction.DELETE_FILE, text_of(path), item.size, item.ticks)
        return True

    def directory(self, path: Path) -> Planning[bool | None]:
        """Delete a directory and all in it."""
        gone = yield from self.content(path)
        if gone:
            yield TreeStep(TreeAction.DELETE_DIRECTORY, text_of(path))
        return gone


class Mirroring:
    """Making a destination like a source: what is missing or differs is transferred, and what is extra deleted, if asked.

    What is left alone on one side (links, special files, temporary files, what the choice does not mean) is not touched on
    the other.
    """

    def __init__(self, source: Side, destination: Side, policy: Policy) -> None:
        self._source = source
        self._destination = destination
        self._policy = policy
        self._removal = Removal(destination, policy.choice)
        self._not_yet_made: list[TreeStep] = []

    def plan(self, *, exists: bool) -> Planning[None]:
        """All steps; ``exists`` says whether the destination's root is there."""
        yield from self._directory((), exists=exists)

    def _directory(self, path: Path, *, exists: bool) -> Planning[None]:
        theirs = yield from listed(self._source, path)
        if theirs is None:
            return
        ours = (yield from listed(self._destination, path)) if exists else ()
        if ours is None:
            return
        if not exists:
            yield from self._make(path)
        key = self._destination.key
        there = {key(item.name): item for item in ours}
        if self._policy.delete:
            yield from self._delete_extra(path, ours, frozenset(key(item.name) for item in theirs))
        meant = [item for item in theirs if self._is_meant((*path, item.name), item)]
        twice = doubles((item.name for item in meant if item.kind in {Kind.FILE, Kind.DIRECTORY}), key)
        self._foresee(path, meant, there)
        for item in meant:
            yield from self._item((*path, item.name), item, there.get(key(item.name)), double=key(item.name) in twice)
        if self._not_yet_made and self._not_yet_made[-1].path == text_of(path):
            self._not_yet_made.pop()

    def _is_meant(self, path: Path, item: Item) -> bool:
        choice = self._policy.choice
        return choice.takes_directory(path) if item.kind is Kind.DIRECTORY else choice.takes_file(path)

    def _foresee(self, path: Path, meant: Sequence[Item], there: dict[str, Item]) -> None:
        key = self._destination.key
        names = [item.name for item in meant if item.kind is Kind.DIRECTORY]
        self._source.foresee(path, names)
        on_both = [name for name in names if key(name) in there and there[key(name)].kind is Kind.DIRECTORY]
        self._destination.foresee(path, on_both)

    def _delete_extra(self, path: Path, ours: Sequence[Item], wanted: frozenset[str]) -> Planning[None]:
        for item in ours:
            if self._destination.key(item.name) in wanted:
                continue
            place = (*path, item.name)
            if item.kind is Kind.TEMPORARY:  # somebody may be writing it just now
                yield TreeStep(TreeAction.SKIP, text_of(place), why=item.why)
            else:
                yield from self._removal.item(place, item)

    def _item(self, path: Path, item: Item, there: Item | None, *, double: bool) -> Planning[None]:
        problem = self._policy.problem(path)
        if item.kind in {Kind.LEFT, Kind.TEMPORARY}:
            yield impossible(path, item.why) if item.broken else TreeStep(TreeAction.SKIP, text_of(path), why=item.why)
        elif problem is not None:
            yield impossible(path, problem)
        elif double:
            yield impossible(path, "another name here differs from this one by case only; they would be one file")
        elif item.kind is Kind.DIRECTORY:
            yield from self._subdirectory(path, there)
        else:
            yield from self._file(path, item, there)

    def _subdirectory(self, path: Path, there: Item | None) -> Planning[None]:
        if there is not None and there.kind is not Kind.DIRECTORY:
            is_gone = yield from self._cleared(path, there)
            if not is_gone:
                return
            there = None
        yield from self._directory(path, exists=there is not None)

    def _file(self, path: Path, item: Item, there: Item | None) -> Planning[None]:
        if there is not None and there.kind is not Kind.FILE:
            is_gone = yield from self._cleared(path, there)
            if not is_gone:
                return
            there = None
        why = "missing" if there is None else self._difference(item, there)
        if there is not None and not why and self._policy.existing is Existing.MD5:
            why = "has another content, or none is known"  # if it comes to that
            yield TreeStep(TreeAction.COMPARE, text_of(path), item.size, item.ticks, replaces=True, why=why)
            return
        if not why:
            yield TreeStep(TreeAction.KEEP, text_of(path), item.size, item.ticks)
            return
        yield from self._made_by_now()
        yield TreeStep(TreeAction.TRANSFER, text_of(path), item.size, item.ticks, replaces=there is not None, why=why)

    def _cleared(self, path: Path, there: Item) -> Planning[bool]:
        """Something of another kind has the name: it makes room where extra things are deleted, and else is in the way."""
        place = (*path[:-1], there.name)
        if self._policy.delete and there.kind in {Kind.FILE, Kind.DIRECTORY}:
            gone = yield from self._removal.item(place, there)
            if gone is not False:
                return gone is True
        what = {Kind.FILE: "a file", Kind.DIRECTORY: "a directory"}.get(there.kind, "something")
        why = f": {there.why}" if what == "something" else ""
        yield impossible(path, f"{what} of that name is in the way{why}")
        return False

    def _difference(self, item: Item, there: Item) -> str:
        """Why the file is to be transferred, by what the listings tell; empty where it is not."""
        existing = self._policy.existing
        if existing is Existing.KEEP:
            return ""
        if existing is Existing.REPLACE:
            return "to be replaced"
        if item.size != there.size:
            return f"has {item.size} bytes, and {there.size} at the destination"
        if existing is Existing.TIME:
            if item.ticks is None or there.ticks is None:
                return "the time it was last written is not known"
            if abs(item.ticks - there.ticks) > self._policy.window_ticks:
                return "was last written at another time"
        return ""

    def _make(self, path: Path) -> Planning[None]:
        """A directory is missing. Where only some files are meant it is made when the first of them needs it."""
        self._not_yet_made.append(TreeStep(TreeAction.MAKE_DIRECTORY, text_of(path)))
        if not self._policy.choice.include:
            yield from self._made_by_now()

    def _made_by_now(self) -> Planning[None]:
        waiting, self._not_yet_made = self._not_yet_made, []
        yield from waiting


__all__ = ["Existing", "Mirroring", "Plan", "Planning", "Policy", "Removal", "failed"]
