"""How a run goes: limits, progress, failures beside what is done, cancellation, and what is left after a kill."""

from __future__ import annotations

import asyncio
import pickle

import pytest

import azfiles
from azfiles import TreeAction
from azfiles.flows.effects import gather, sleep
from azfiles.flows.trees.slots import Slots
from azfiles.runners.blocking import BlockingRunner
from azfiles.runners.seeded import SeededRunner
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.faults import LoseReply, Refuse, Rule, Script
from tests.proof import THOROUGH
from tests.transfers.dying import Fuse, Killed, dying_runner
from tests.trees.growing import grown, whole
from tests.trees.local import content_of, plant, remote_content

MANY = {f"d{a}/f{b}": b"x" * b for a in range(3) for b in range(5)}


def test_progress_is_told_by_count_and_at_the_end(share, tmp_path):
    here = plant(tmp_path / "here", {**MANY, "CON": b"bad"})
    told = []
    report = share.root.upload_tree(here, progress=told.append, progress_every=7)
    assert [progress.ended for progress in told] == [7, 14, 19]
    assert (told[-1].failures, told[-1].bytes) == (len(report.failures), report.bytes) == (1, 30)
    each = []
    share.root.sync_up(here, progress=each.append, progress_every=1)
    assert [progress.ended for progress in each] == list(range(1, 17))
    assert [progress.step.path for progress in each if progress.failed] == ["CON"]
    assert {progress.step.action for progress in each if not progress.failed} == {TreeAction.KEEP}


def test_an_error_of_the_callback_ends_the_run(share, tmp_path):
    def tell(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        share.root.upload_tree(plant(tmp_path / "here", MANY), progress=tell, progress_every=1)


def test_steps_are_kept_only_where_they_are_asked_for(share, tmp_path):
    here = plant(tmp_path / "here", MANY)
    assert share.root.upload_tree(here).steps == ()
    assert len(share.root.upload_tree(here, keep_steps=True).steps) == 15
    dry = share.root.upload_tree(here, dry_run=True)
    assert (len(dry.steps), dry.dry_run) == (15, True)


def test_one_bad_file_does_not_stop_the_others_and_what_it_was_is_told(share, simulator, tmp_path):
    simulator.faults.plan = Script([Rule(Refuse("InternalError"), path="data/d1**")])
    report = share.root.upload_tree(plant(tmp_path / "here", MANY))
    simulator.faults.plan = None
    assert [failure.path for failure in report.failures] == ["d1", *(f"d1/f{b}" for b in range(5))]
    assert isinstance(report.failures[0].error, azfiles.ServerFault)
    assert all(isinstance(failure.error, azfiles.RequestNotSent) for failure in report.failures[1:])
    assert report.transferred == 10
    assert not [path for path in remote_content(share.root) if path.startswith("d1")]


def test_a_directory_that_somebody_made_meanwhile_is_no_failure_and_a_file_of_that_name_is(share, simulator, tmp_path):
    class Racing(azfiles.InProcessTransport):
        """Somebody is quicker each time a directory is made."""

        def send(self, request, timeout_s):
            if request.method == "PUT" and request.target.endswith("/d0?restype=directory"):
                share.directory("d0").create()
            if request.method == "PUT" and request.target.endswith("/d1?restype=directory"):
                share.file("d1").create(0)
            return super().send(request, timeout_s)

    runner = BlockingRunner(Racing(simulator.handle), clock=simulator.clock)
    report = azfiles.DirectoryClient(share.root.target, runner).upload_tree(plant(tmp_path / "here", MANY))
    assert [failure.path for failure in report.failures] == ["d1", *(f"d1/f{b}" for b in range(5))]
    assert isinstance(report.failures[0].error, azfiles.AlreadyExists)
    assert report.transferred == 10


def test_with_retries_lost_replies_do_no_harm(simulator, clock, tmp_path):
    share = azfiles.connect(simulator.handle, clock=clock).share("data")
    share.create()
    simulator.faults.plan = Script([Rule(LoseReply(), probability=0.2)], seed=7)
    share.root.upload_tree(plant(tmp_path / "here", MANY)).raise_for_failures()
    share.root.download_tree(tmp_path / "there").raise_for_failures()
    assert content_of(tmp_path / "there") == content_of(tmp_path / "here")
    assert len(simulator.faults.diary) > 10


def test_a_report_and_its_error_can_be_pickled(share, tmp_path):
    report = share.root.upload_tree(plant(tmp_path / "here", {"CON": b"", "f": b"1"}), keep_steps=True)
    with pytest.raises(azfiles.TreeIncomplete) as raised:
        report.raise_for_failures()
    again = pickle.loads(pickle.dumps(raised.value))
    assert str(again) == str(raised.value)
    assert (again.report.steps, again.report.counts) == (report.steps, report.counts)
    assert again.report.failures[0].step == report.failures[0].step


def test_slots_are_given_in_the_order_of_asking_and_never_more_than_there_are():
    slots, order, used = Slots(3), [], []

    def hold(name, count):
        def body():
            order.append(name)
            used.append(min(count, 3))
            assert sum(used) <= 3
            yield from sleep(1)
            used.remove(min(count, 3))

        yield from slots.holding(count, body())

    def all_of_them():
        names = [("a", 2), ("b", 9), ("c", 1), ("d", 1), ("e", 1)]
        yield from gather([hold(*each) for each in names], 5)

    for seed in range(20):
        order.clear()
        clock = ManualClock()
        SeededRunner(azfiles.InProcessTransport(lambda _: None), seed=seed, clock=clock).run(all_of_them())
        assert sorted(order) == list("abcde")
        assert slots.take_spare(5) == 3
        slots.give_back(3)


def test_spare_slots_are_those_that_nobody_waits_for():
    slots = Slots(4)
    assert (slots.take_spare(3), slots.take_spare(3), slots.take_spare(3)) == (3, 1, 0)
    slots.give_back(4)
    waiting = slots.holding(4, sleep(0))
    assert slots.take_spare(1) == 1
    next(waiting)  # it asks for all four, and waits
    assert slots.take_spare(3) == 0
    waiting.close()
    assert slots.take_spare(3) == 3


def test_a_cancelled_upload_leaves_no_half_file_and_nothing_aside(simulator, clock, tmp_path):
    here = plant(tmp_path / "here", MANY)

    class Held(azfiles.InProcessTransport):
        """After some requests one is never answered."""

        left = 30

        async def send_async(self, request, timeout_s):
            self.left -= 1
            if self.left == 0:
                held.set()
                await asyncio.Event().wait()
            return await super().send_async(request, timeout_s)

    async def run():
        transport = Held(simulator.handle)
        async with azfiles.connect_async("UseDevelopmentStorage=true", transport=transport, clock=clock) as service:
            share = service.share("data")
            await share.create()
            task = asyncio.create_task(share.root.upload_tree(here))
            await held.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    held = asyncio.Event()
    asyncio.run(run())
    share = azfiles.connect(simulator.handle, clock=clock).share("data")
    after = remote_content(share.root)
    assert 0 < len(after) < len(MANY) + 3
    assert all(data is None or MANY[path] == data for path, data in after.items())
    share.root.sync_up(here).raise_for_failures()
    assert remote_content(share.root) == content_of(here)


SOURCE = {"new/f": b"new", "old": b"newer content", "same": b"same", "x": b"file now"}
BEFORE = {"old": b"old", "same": b"same", "x/y": b"directory before"}


def prepared(tmp_path, up):
    clock = ManualClock()
    simulator = Simulator(clock=clock)
    share = azfiles.connect(simulator.handle, clock=clock, retry=None).share("data")
    share.create()
    here, there = grown(tmp_path / "here", SOURCE), grown(tmp_path / "there", BEFORE)
    share.root.upload_tree(there if up else here).raise_for_failures()
    return simulator, clock, share, here, there


def sync(share, runner, up, here, there):
    directory = azfiles.DirectoryClient(share.root.target, runner)
    return directory.sync_up(here, delete=True) if up else directory.sync_down(there, delete=True)


def effects(tmp_path, up):
    simulator, clock, share, here, there = prepared(tmp_path, up)
    fuse = Fuse()
    sync(share, dying_runner(simulator, clock, fuse, 1), up, here, there).raise_for_failures()
    return fuse.steps


@pytest.mark.parametrize("up", [True, False])
def test_after_a_kill_at_any_point_each_file_is_old_or_new_and_another_run_completes(tmp_path, up):
    total = effects(tmp_path / "count", up)
    assert total > 20
    places = [(place, performed) for place in range(1, total + 1) for performed in (True, False)]
    for place, performed in places if THOROUGH else places[:: len(places) // 5 | 1]:
        folder = tmp_path / f"{place}{performed}"
        simulator, clock, share, here, there = prepared(folder, up)
        with pytest.raises(Killed):
            sync(share, dying_runner(simulator, clock, Fuse(place, performed=performed), place), up, here, there)
        after = whole(remote_content(share.root) if up else content_of(there))
        for path, data in after.items():
            assert data is None or data in {SOURCE.get(path), BEFORE.get(path)}, (place, path)
        live = SeededRunner(azfiles.InProcessTransport(simulator.handle), seed=place, clock=clock)
        sync(share, live, up, here, there).raise_for_failures()
        assert whole(remote_content(share.root) if up else content_of(there)) == content_of(here)
