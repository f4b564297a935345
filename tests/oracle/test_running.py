"""A disagreement comes with few steps, in a form that can be taken again."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from . import steps as s
from . import tapes
from .bench import simulator
from .comparison import Disagreement, Figures, Judge, compare_recorded
from .obs import Obs
from .running import fewer

NEEDED = (s.Create(s.SHARE), s.Wait(5), s.Delete(s.SHARE))
OTHERS = [s.Wait(1), s.Show(s.SHARE), s.ListShares(), s.SetMetadata(s.SHARE)]


def test_of_many_steps_those_are_left_that_are_needed() -> None:
    def disagreement(steps: Sequence[s.Step]) -> Disagreement | None:
        return Disagreement("again", list(steps)) if [one for one in steps if one in NEEDED] == list(NEEDED) else None

    steps = [*OTHERS, NEEDED[0], *OTHERS, *OTHERS, NEEDED[1], NEEDED[2], *OTHERS]
    best = fewer(Disagreement("first", steps), disagreement, time.monotonic() + 60)
    assert (best.steps, str(best)) == (list(NEEDED), "again")


def test_without_time_the_steps_stay_as_they_are() -> None:
    found = Disagreement("first", [*OTHERS])
    assert fewer(found, lambda steps: None, time.monotonic() - 1) is found


@pytest.mark.parametrize("name", tapes.NAMES)
def test_steps_are_written_as_they_are_made_and_come_back_from_a_tape(name: str) -> None:
    for step in {step for history in tapes.histories(name) for step, _ in history}:
        assert eval(repr(step), dict(s.KINDS)) == step
        assert s.from_row(step.to_row()) == step


def test_a_report_has_times_answers_and_a_program() -> None:
    history = [(s.Create(s.SHARE), Obs(201)), (s.Wait(7), Obs(0)), (s.Show(s.SHARE), Obs(404, "ShareNotFound"))]
    with pytest.raises(Disagreement) as found:
        compare_recorded(history, simulator("oracle"))
    text = str(found.value)
    assert text.startswith("etag: Azurite '', the simulator 'first'")
    assert "compare_again(bench, [Create(on='share')])" in text


def test_what_ends_a_comparison_goes_on_with_another_share_only() -> None:
    """After what Azurite is known to take and the service not, the two hold different things."""
    renewed = s.Lease(s.SHARE, "renew", "B")
    judge = Judge(Figures())
    judge.judge(s.Lease(s.SHARE, "acquire", proposed="A"), Obs(201, "", (("id", "A"),)), Obs(201, "", (("id", "A"),)))
    expired = Obs(200, "", (("lease", "unlocked expired"),))
    judge.judge(s.Show(s.SHARE), expired, expired)
    explained = judge.judge(renewed, Obs(200), Obs(409, "LeaseIdMismatchWithLeaseOperation"))
    assert [(entry.name, entry.ends) for entry in explained] == [("foreign-renewal", True)]
    judge.judge(s.Anew(), Obs(0), Obs(0))
    with pytest.raises(Disagreement):
        judge.judge(renewed, Obs(200), Obs(409, "LeaseIdMismatchWithLeaseOperation"))
