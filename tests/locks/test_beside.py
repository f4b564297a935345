"""A flow beside the body of a with statement: in a thread, in a task, or whenever virtual time has come to it."""

from __future__ import annotations

import threading

import anyio
import pytest

from azfiles.flows.effects import gather, monotonic, sleep
from azfiles.runners.asynchronous import AsyncRunner
from azfiles.runners.blocking import BlockingRunner
from azfiles.runners.seeded import SeededRunner
from azfiles_sim import ManualClock
from tests.runners.scripted import Book, ask


class Ticker:
    """A flow that notes the time every ``every_s`` seconds, and how it ended."""

    def __init__(self, every_s=1.0):
        self.every_s = every_s
        self.ticks = []
        self.ended = None

    def flow(self):
        try:
            while True:
                self.ticks.append((yield from monotonic()))
                yield from sleep(self.every_s)
        except BaseException as error:
            self.ended = type(error).__name__
            self.ticks.append((yield from monotonic()))  # what it does on its way out is done
            raise


def runners():
    clock = ManualClock()
    return [BlockingRunner(Book(), clock=clock), SeededRunner(Book(), seed=3, clock=clock)]


@pytest.mark.parametrize("kind", [0, 1])
def test_it_goes_on_when_time_has_come_to_it_whoever_moves_the_time(kind):
    runner, ticker = runners()[kind], Ticker()
    began_s = runner.monotonic()
    with runner.beside(ticker.flow()):
        assert ticker.ticks == []
        runner.run(sleep(0))
        assert ticker.ticks == [began_s]
        runner.run(sleep(3.5))  # it is not slept through
        assert ticker.ticks == pytest.approx([began_s, began_s + 1, began_s + 2, began_s + 3])
        runner._clock.advance(10)
        runner.run(monotonic())
        assert len(ticker.ticks) == 5  # it was late, and did not catch up tick by tick
    assert ticker.ended == "FlowCancelled"
    assert len(ticker.ticks) == 6
    runner.run(sleep(10))
    assert len(ticker.ticks) == 6


@pytest.mark.parametrize("kind", [0, 1])
def test_it_goes_on_beside_branches_too_and_the_time_is_the_same_as_without(kind):
    def three():
        yield from gather([sleep(2), sleep(4), sleep(6)], 1)

    alone, accompanied = runners()[kind], runners()[kind]
    alone.run(three())
    ticker = Ticker()
    with accompanied.beside(ticker.flow()):
        accompanied.run(three())
        assert accompanied.monotonic() == pytest.approx(alone.monotonic())
        assert len(ticker.ticks) == 13


@pytest.mark.parametrize("kind", [0, 1])
def test_one_that_fails_fails_whoever_is_at_it_and_is_over(kind):
    def failing():
        yield from sleep(1)
        raise ValueError("beside")

    runner = runners()[kind]
    with runner.beside(failing()):
        with pytest.raises(ValueError, match="beside"):
            runner.run(sleep(5))
        runner.run(sleep(5))


@pytest.mark.parametrize("kind", [0, 1])
def test_one_that_ends_is_over_and_several_go_on_side_by_side(kind):
    runner, one, other = runners()[kind], Ticker(1.0), Ticker(2.0)
    with runner.beside(sleep(1)), runner.beside(one.flow()), runner.beside(other.flow()):
        runner.run(sleep(4.5))
        assert (len(one.ticks), len(other.ticks)) == (5, 3)


def test_an_error_of_the_body_ends_it_and_is_raised():
    for runner in [*runners(), BlockingRunner(Book())]:
        ticker = Ticker()
        with pytest.raises(KeyError), runner.beside(ticker.flow()):
            raise KeyError
        assert ticker.ended in {"FlowCancelled", None}  # one that has not begun has nothing to end


def test_a_thread_is_woken_from_its_sleep_and_what_it_raised_is_raised_at_the_end():
    begun = threading.Event()

    def long():
        begun.set()
        yield from sleep(1000)

    runner = BlockingRunner(Book())
    with runner.beside(long()):
        assert begun.wait(30)

    def failing():
        yield from sleep(0)
        raise ValueError("beside")

    with pytest.raises(ValueError, match="beside"), runner.beside(failing()):  # noqa: PT012 - raised at the end
        for thread in threading.enumerate():
            if thread.name == "azfiles-beside":
                thread.join(30)
    assert runner.monotonic() > 0


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_under_a_virtual_clock_an_async_runner_does_the_same(backend):
    async def main():
        runner, ticker = AsyncRunner(Book(), clock=ManualClock()), Ticker()
        began_s = runner.monotonic()
        async with runner.beside(ticker.flow()):
            await runner.run(sleep(3.5))
            assert ticker.ticks == pytest.approx([began_s, began_s + 1, began_s + 2, began_s + 3])
        assert ticker.ended == "FlowCancelled"
        ticker = Ticker()
        with pytest.raises(KeyError):  # noqa: PT012 - raised in the body, and through
            async with runner.beside(ticker.flow()):
                await runner.run(sleep(1))
                raise KeyError
        assert ticker.ended == "FlowCancelled"
        assert AsyncRunner(Book()).monotonic() == pytest.approx(anyio.current_time(), abs=5)

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_two_tasks_move_it_on_one_at_a_time(backend):
    """While one is in the middle of it the other one goes on with its own work, and so does who ends it."""

    def asking():
        yield from ask("x")

    async def main():
        entered, leave = anyio.Event(), anyio.Event()

        class Slow(Book):
            async def send_async(self, request, timeout_s):
                entered.set()
                await leave.wait()
                return await super().send_async(request, timeout_s)

        runner = AsyncRunner(Slow(), clock=ManualClock())
        async with anyio.create_task_group() as group, runner.beside(asking()):
            group.start_soon(runner.run, monotonic())
            await entered.wait()
            await runner.run(sleep(5))
            leave.set()

    anyio.run(main, backend=backend)
