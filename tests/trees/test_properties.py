"""Any tree: up, walked, in line, down again; dry runs; faults of the service; every interleaving; every kill."""

from __future__ import annotations

import pickle
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import azfiles
from azfiles import TreeAction
from azfiles.flows.trees.choosing import choice_of
from azfiles.flows.trees.handling import Handling, LocalFolder, Places
from azfiles.flows.trees.items import perform
from azfiles.flows.trees.mirroring import Wish, plan_mirror
from azfiles.flows.trees.planning import Existing
from azfiles.runners.seeded import SeededRunner
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.faults import SeededPlan
from tests.proof import PROVING, THOROUGH, some
from tests.trees.growing import few_names, grown, trees, whole
from tests.trees.local import content_of, remote_content, times_of

FEW = settings(max_examples=1000 if PROVING else 60 if THOROUGH else 5, deadline=None, print_blob=True)
SEEDS = st.integers(0, 2**32 - 1)


class World:
    """A share on a simulator of its own, and a client whose branches interleave by a seed."""

    def __init__(self, seed=0, simulator=None, clock=None):
        self.clock = clock or ManualClock()
        self.simulator = simulator or Simulator(clock=self.clock)
        service = azfiles.connect(self.simulator.handle, clock=self.clock, retry=None)
        self.share = service.share("data")
        if simulator is None:
            self.share.create()
        runner = SeededRunner(azfiles.InProcessTransport(self.simulator.handle), seed=seed, clock=self.clock)
        self.seeded = azfiles.DirectoryClient(self.share.directory("t").target, runner)
        self.plain = self.share.directory("t")

    def content(self):
        """What is in the tree, without faults and without what was left behind."""
        self.simulator.faults.plan = None
        try:
            return whole(remote_content(self.plain))
        except azfiles.NotFound:
            return {}


@FEW
@given(trees(), SEEDS)
def test_a_tree_goes_up_is_walked_is_in_line_and_comes_down_the_same(tree, seed):
    world = World(seed)
    with TemporaryDirectory() as folder:
        here, there = grown(Path(folder) / "here", tree), Path(folder) / "there"
        up = world.seeded.upload_tree(here)
        up.raise_for_failures()
        assert {entry.path for entry in world.plain.walk()} == set(tree)
        in_line = world.seeded.sync_up(here, delete=True)
        assert set(in_line.counts) <= {TreeAction.KEEP}
        world.seeded.download_tree(there).raise_for_failures()
        assert content_of(there) == content_of(here) == tree
        assert times_of(there) == times_of(here)
        assert set(world.seeded.sync_down(there, delete=True).counts) <= {TreeAction.KEEP}
        assert up.bytes == sum(len(data) for data in tree.values() if data is not None)


@FEW
@given(few_names(), few_names(), st.booleans(), st.booleans(), st.sampled_from(["time", "size"]), SEEDS)
def test_a_dry_run_changes_nothing_and_says_exactly_what_the_run_then_does(source, other, up, delete, compare, seed):
    world = World(seed)
    with TemporaryDirectory() as folder:
        here, there = grown(Path(folder) / "here", source), grown(Path(folder) / "there", other)
        world.plain.upload_tree(there if up else here).raise_for_failures()
        before = len(world.simulator.journal)
        sync, local = (world.seeded.sync_up, here) if up else (world.seeded.sync_down, there)
        dry = sync(local, compare=compare, delete=delete, dry_run=True)
        assert all(entry.method in {"GET", "HEAD"} for entry in list(world.simulator.journal)[before:])
        assert world.content() == (other if up else source)
        assert (content_of(here), content_of(there)) == (source, other)
        report = sync(local, compare=compare, delete=delete, keep_steps=True)
        assert (report.steps, report.counts, report.bytes, report.skipped) == (
            dry.steps,
            dry.counts,
            dry.bytes,
            dry.skipped,
        )
        assert [failure.step for failure in report.failures] == [failure.step for failure in dry.failures]
        after = world.content() if up else content_of(there)
        assert after == expected(source, other, delete=delete, compare=compare)


def expected(source, other, *, delete, compare):
    """What a sync makes of a destination, by rules as plain as they can be."""
    if delete and compare == "time":
        return source
    after = {} if delete else dict(other)
    blocked = [path for path, data in source.items() if path in other and (data is None) != (other[path] is None)]
    for path, data in sorted(source.items()):
        if not delete and any(path == each or path.startswith(f"{each}/") for each in blocked):
            continue
        there = other.get(path)
        same_size = data is not None and there is not None and len(data) == len(there)
        after[path] = there if compare == "size" and same_size else data
    return after


@FEW
@given(few_names(), few_names(), st.sampled_from(["up", "down", "copy", "delete"]), SEEDS, st.floats(0.02, 0.4))
def test_whatever_the_service_loses_the_report_matches_the_state_and_another_run_completes(
    source, other, what, seed, rate
):
    world = World(seed)
    with TemporaryDirectory() as folder:
        here, there = grown(Path(folder) / "here", source), grown(Path(folder) / "there", other)
        copied = azfiles.DirectoryClient(world.share.directory("u").target, world.seeded.runner)
        world.share.directory("u").upload_tree(there).raise_for_failures()
        world.plain.upload_tree(there if what == "up" else here).raise_for_failures()

        def run(**options):
            if what == "up":
                return world.seeded.sync_up(here, delete=True, **options)
            if what == "down":
                return world.seeded.sync_down(there, delete=True, **options)
            if what == "copy":
                return world.seeded.copy_tree(copied, existing="time", delete=True, **options)
            return world.seeded.delete_tree(keep_root=True, **options)

        def state():
            world.simulator.faults.plan = None
            if what == "down":
                return whole(content_of(there))
            return whole(remote_content(world.share.directory("u") if what == "copy" else world.plain))

        before = state()
        goal = {} if what == "delete" else source
        world.simulator.faults.plan = SeededPlan(seed, rate, rate)
        try:
            report = run(keep_steps=True)
        except azfiles.AzureFilesError:  # already the look at the root, before any plan
            assert state() == before
        else:
            check(report, before, state(), goal)
        run().raise_for_failures()
        assert state() == goal


def check(report, before, after, goal):
    """Each path is as the report says: as it was, as it was to be, or, only where nobody can know, either."""
    failures = {failure.step: failure.error for failure in report.failures}
    touched = {}
    for step in report.steps:
        touched.setdefault(step.path, []).append(step)
    for path in {*before, *after, *goal}:
        possible = [before.get(path, "nothing")]
        for step in touched.get(path, ()):
            if step.action in {TreeAction.KEEP, TreeAction.SKIP, TreeAction.FAIL}:
                continue
            result = "nothing" if step.action in {TreeAction.DELETE_FILE, TreeAction.DELETE_DIRECTORY} else goal[path]
            if step not in failures:
                possible = [result]
            elif getattr(failures[step], "may_have_acted", True):
                possible = [*possible, result]
        assert after.get(path, "nothing") in possible, (path, touched.get(path), failures)
    done = sum(report.counts.values())
    assert done + len(report.failures) == len(report.steps)


@pytest.mark.parametrize("seed", some(range(40), 2))
def test_every_interleaving_ends_in_the_same_state_and_report(seed, tmp_path):
    content = {f"{a}/{b}/f{c}": bytes([c]) * c for a in "xy" for b in "pq" for c in range(3)}
    here = grown(tmp_path / "here", content)
    world = World(seed)
    reports = [world.seeded.sync_up(here, keep_steps=True, concurrency=5)]
    assert whole(world.content()).items() >= content.items()
    reports.append(world.seeded.delete_tree(keep_steps=True, concurrency=5))
    assert world.content() == {}
    first = World(0)
    again = [first.seeded.sync_up(here, keep_steps=True, concurrency=2), first.seeded.delete_tree(keep_steps=True)]
    assert [(report.steps, report.counts, report.failures) for report in reports] == [
        (report.steps, report.counts, report.failures) for report in again
    ]


@FEW
@given(few_names(), few_names(), SEEDS)
def test_steps_can_be_pickled_and_done_by_others_in_any_order_that_keeps_above_and_below(source, other, seed):
    world = World(seed)
    with TemporaryDirectory() as folder:
        here, there = grown(Path(folder) / "here", source), grown(Path(folder) / "there", other)
        world.plain.upload_tree(there).raise_for_failures()
        runner, wish = world.seeded.runner, Wish(choice_of((), ()), Existing.TIME, delete=True)
        planned = runner.run(plan_mirror(LocalFolder(str(here)), world.plain.target, wish, 2))
        steps = []
        while (step := runner.run(planned.plan.following())) is not None:
            steps.append(step)
        sent = pickle.loads(pickle.dumps((steps, Handling(), LocalFolder(str(here)))))
        assert sent == (steps, Handling(), LocalFolder(str(here)))
        steps, handling, root = sent
        places = Places(root, world.plain.target)
        depth = lambda step: step.path.count("/") + bool(step.path)  # noqa: E731 - the key of two sorts
        deletions = [step for step in steps if "delete" in step.action.value]
        for step in sorted(deletions, key=depth, reverse=True):
            runner.run(perform(places, handling, step))
        for step in sorted((step for step in steps if step not in deletions), key=depth):
            runner.run(perform(places, handling, step))
        assert world.content() == source
