"""From what a caller wants to a plan and its run: the part that all transfers of trees have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from azfiles.flows.call import refuse_snapshot
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.flows.trees.accounting import Conduct
from azfiles.flows.trees.batches import Workers
from azfiles.flows.trees.choosing import Choice
from azfiles.flows.trees.handling import Handling, Places, Root
from azfiles.flows.trees.names import Path, problem_of
from azfiles.flows.trees.planning import Existing, Mirroring, Plan, Policy
from azfiles.flows.trees.roots import check_local_source, look_at_local, look_at_remote, look_at_remote_source
from azfiles.flows.trees.sides import Links, LocalSide, RemoteSide, Side
from azfiles.flows.trees.slots import Slots
from azfiles.flows.trees.spreading import report_of
from azfiles.models import TreeReport
from azfiles.records import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """What a mirroring aims at."""

    choice: Choice
    existing: Existing
    delete: bool = False
    window_ticks: int = 0
    links: Links = Links.SKIP


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, where its steps belong, and the slots that looking for it shares with doing it."""

    plan: Plan
    places: Places
    slots: Slots


def mirror(
    source: Root,
    destination: Root,
    wish: Wish,
    handling: Handling,
    conduct: Conduct,
    workers: Workers | None = None,
) -> Flow[TreeReport]:
    """Make ``destination`` like ``source``, as far as is wished; here, or by ``workers`` elsewhere."""
    handling = replace(handling, connections=conduct.connections, follow_links=wish.links is not Links.SKIP)
    planned = yield from plan_mirror(source, destination, wish, conduct.concurrency)
    return (yield from report_of(planned.plan, planned.places, handling, conduct, planned.slots, workers))


def plan_mirror(source: Root, destination: Root, wish: Wish, concurrency: int) -> Flow[Planned]:
    """The plan alone. Its steps may be done anywhere, by ``perform`` of ``items``."""
    slots = Slots(concurrency)
    with_times = wish.existing is Existing.TIME
    here, source_is_nfs = yield from _source_side(source, wish.links, slots)
    if isinstance(destination, Target):
        refuse_snapshot(destination)
        found = yield from look_at_remote(destination)
        there: Side = RemoteSide(destination, slots, times=with_times, folds=found.folds, ahead=concurrency)
        is_nfs = found.is_nfs
    else:
        found = yield from look_at_local(destination.root)
        there = LocalSide(destination.root, folds=found.folds)
        is_nfs = source_is_nfs
    places = Places(source, destination, is_nfs)
    policy = Policy(wish.choice, wish.existing, wish.delete, wish.window_ticks, _problems(source, destination))
    mirroring = Mirroring(here, there, policy)
    return Planned(Plan(mirroring.plan(exists=found.exists)), places, slots)


def _source_side(source: Root, links: Links, slots: Slots) -> Flow[tuple[Side, bool]]:
    if isinstance(source, Target):
        found = yield from look_at_remote_source(source)
        return RemoteSide(source, slots, times=True, folds=found.folds, ahead=slots.total), found.is_nfs
    yield from check_local_source(source.root)
    return LocalSide(source.root, links=links), False


def _problems(source: Root, destination: Root) -> Callable[[Path], str | None]:
    """Why a path can be on none, or on one only, of the two sides: the names must do on the service, wherever they go."""
    roots = [root for root in (destination, source) if isinstance(root, Target)]

    def problem(path: Path) -> str | None:
        found = (problem_of((*root.path, *path), root.session.api_version) for root in roots)
        return next(filter(None, found), None)

    return problem


__all__ = ["Planned", "Wish", "mirror", "plan_mirror"]
