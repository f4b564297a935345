"""What one test used of this plugin, and how that ends: kept or dropped, told or forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from azfiles_sim.pytest_plugin.arms import Arm
from azfiles_sim.simulator import Simulator

_JOURNAL_SHOWN: Final = 20


@dataclass
class Use:
    """One test's simulator and arm, as far as it has asked for them."""

    simulator: Simulator | None = None
    arm: Arm | None = None

    def end(self, *, well: bool) -> None:
        """After the test's last fixture. ``well`` is whether those ended without an error. Raises ``AzureFilesError``."""
        if self.arm is not None:
            self.arm.end(well=well)

    @property
    def written(self) -> str:
        """The cassette that was written and from where, or nothing."""
        recording = None if self.arm is None else self.arm.recording
        return f"{recording.path} (from {recording.source})" if recording is not None and recording.written else ""

    def tell(self) -> str:
        """For the report of a failure: the last requests of the test's clients, else those that its simulator got."""
        if self.arm is not None and self.arm.transport.count:
            told = f"{self.arm.transport!r}\n{self.arm.transport.tell()}"
            recording = self.arm.recording
            if recording is not None and recording.transport.records and not recording.written:
                told += f"\nNothing of this is recorded, as the test failed: {recording.path} is as it was."
            return told
        return "" if self.simulator is None else _tell_journal(self.simulator)


def _tell_journal(simulator: Simulator) -> str:
    return "\n".join(
        f"{one.method} {one.target} -> {one.status}{f' {one.error_code}' if one.error_code else ''}"
        for one in simulator.journal.entries()[-_JOURNAL_SHOWN:]
    )


__all__ = ["Use"]
