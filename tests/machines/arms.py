"""The model's machine on each way of reaching the simulator: in process, over HTTPS, on disk, and out of a cassette."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from hypothesis.stateful import rule

import azfiles
from azfiles_sim.storage.disk import DiskStore
from azfiles_sim.testing import FilesMachine, SimulatorTarget, Target, make_simulator
from azfiles_sim.testing.driving import Driver
from azfiles_sim.testing.expectations import Correspondence, Refusal
from azfiles_sim.testing.steps import Difference, Step, compare, perform
from tests.conformance.arms import Arms


class InProcess(FilesMachine):
    """A new simulator for each run, called without a network."""


class OverHttps(FilesMachine):
    """One server, whose simulator is reset for each run. ``arms`` keeps it."""

    arms: ClassVar[Arms]

    def make_target(self) -> Target:
        with ExitStack() as stack:
            target = stack.enter_context(self.arms.open("https, blocking"))
            target.defer(stack.pop_all().close)
        return target


class OnDisk(FilesMachine):
    """A store in a folder of its own, closed and opened again at any time and before the last look."""

    target: SimulatorTarget

    def make_target(self) -> SimulatorTarget:
        folder = TemporaryDirectory()
        self._folder = folder.name
        target = SimulatorTarget(simulator=make_simulator(store=DiskStore.open(self._folder)))
        target.defer(folder.cleanup)
        target.defer(lambda: target.simulator.close())  # noqa: PLW0108 - the one that is there by then
        return target

    @rule()
    def reopen(self) -> None:
        """What was there is there again."""
        former = self.target.simulator
        former.close()
        self.target.simulator = make_simulator(store=DiskStore.open(self._folder), clock=former.clock)
        self.driver.client = self.target.connect()
        for label in sorted(self.model.shares):
            self.check("get_share", share=label)

    def compare_everything(self) -> None:
        self.reopen()
        super().compare_everything()


class Replayed(FilesMachine):
    """A run that is recorded, and replayed when the service is gone: every answer is the same."""

    target: SimulatorTarget

    def make_target(self) -> SimulatorTarget:
        folder = TemporaryDirectory()
        self._cassette = Path(folder.name) / "run.yaml"
        target = SimulatorTarget(open_client=self._record)
        target.defer(folder.cleanup)
        return target

    def _record(self, handler: Any, credential: Any, **options: Any) -> azfiles.ServiceClient:
        transport = azfiles.recording(azfiles.InProcessTransport(handler), self._cassette)
        return azfiles.connect(url_of(azfiles.EMULATOR_ACCOUNT), credential, transport=transport, **options)

    def compare_everything(self) -> None:
        super().compare_everything()
        self.driver.client.close()  # which writes the cassette
        self._replay()

    def _replay(self) -> None:
        """Take the same steps against the cassette, which holds neither the account's name nor a lease id."""
        other = azfiles.SharedKey("anotheraccount", azfiles.EMULATOR_KEY)
        replayer = azfiles.replaying(self._cassette)
        with azfiles.connect(url_of(other.account), other, transport=replayer) as client:
            driver = Driver(client, self.target.share_name)
            symbols = Correspondence(self.correspondence.start, scrubbed=True)
            for step in self.steps:
                if step.operation == "wait":
                    continue
                again = Step(
                    step.operation, step.arguments, step.expected, perform(driver, step.operation, step.arguments)
                )
                difference = compare(again, symbols) or self._changed(step, again)
                if difference:
                    raise Difference(f"replayed {step}: {difference}")
        if replayer.unplayed:
            raise Difference(f"recorded, but not replayed: {replayer.unplayed}")

    def _changed(self, step: Step, again: Step) -> str:
        """How an answer out of the cassette differs from the one that was recorded."""
        if isinstance(step.expected, Refusal):
            return "" if str(step.actual) == str(again.actual) else f"{step.actual} became {again.actual}"
        before = {name: value for name, value in dict(step.actual).items() if name != "id"}  # type: ignore[call-overload]  # compare() made sure that it is no refusal
        after = {name: value for name, value in dict(again.actual).items() if name != "id"}  # type: ignore[call-overload]
        return "" if before == after else f"{before} became {after}"


def url_of(account: str) -> str:
    return f"https://{account}.file.core.windows.net"
