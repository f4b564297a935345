"""The simulator as it is at the end of a recording, so that a test can go on past it."""

from __future__ import annotations

import os

from azfiles.errors import CassetteError
from azfiles_sim.accounts import DEFAULT_ACCOUNTS, AccountSpec
from azfiles_sim.simulator import Simulator
from azfiles_sim.testing.cassettes.referee import Referee, play_whole
from azfiles_sim.testing.cassettes.sessions import load_session
from azfiles_sim.testing.cassettes.verifying import BEHAVIOURS, behaviour_of


def from_cassette(
    path: str | os.PathLike[str], *, account: AccountSpec | None = None, allow_drift: bool = False
) -> Simulator:
    """A simulator in the state at the end of a recording: shares, directories, files, snapshots, leases and handles as
    far as its requests made them or its answers show them.

    ``account`` is who stands for the recording's account, by default the one that every Azure emulator has. The clock is
    a ``ManualClock`` at the last answer's time. Lease ids and ETags are the recorded ones; ids of files, copies and stored
    permissions are the simulator's own. What nobody was told (content that was never read, whether a lost request was
    carried out) is what agrees best with the answers.

    Raises ``CassetteError`` where it is no cassette of Azure Files, or where the simulator refuses what the recording
    shows to have succeeded, or the other way round, as then its state is another; ``allow_drift`` lets that pass.
    """
    session = load_session(path)
    quirks = BEHAVIOURS[behaviour_of(session)]
    referee = Referee(session, quirks, account=account or DEFAULT_ACCOUNTS[0], keep_ids=True)
    differences, referee = play_whole(referee)
    wrong = next((one for one in differences if one.field == "status"), None)
    if wrong is not None and not allow_drift:
        raise CassetteError(
            f"cassette {os.fspath(path)}: request {wrong.interaction + 1} was answered {wrong.recorded}, and is by the "
            f"simulator {wrong.simulated}, so its state is not the recording's; azfiles cassette verify tells all, and "
            "allow_drift=True goes on all the same"
        )
    return referee.simulator


__all__ = ["from_cassette"]
