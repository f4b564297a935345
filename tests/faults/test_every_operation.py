"""Every operation under the faults after which it may rightly end otherwise: a lease that is lost, a clock that is off, and
bytes that are not those that were sent.
"""

from __future__ import annotations

from random import Random

import pytest

import azfiles
from azfiles_sim import IN_PROCESS, Request
from azfiles_sim.faults import FlipReplyBit, FlipRequestBit, LoseLease, SkewClock, WrongLength
from tests.flows.test_lost_replies import RETRY, told
from tests.flows.worlds import ACTS, Act, start
from tests.proof import PROVING, THOROUGH

BITS = 400 if PROVING else 60 if THOROUGH else 2
"""How many bits of each message are flipped, one at a time; all where it has no more."""
UNSIGNED = {"V5"}


def some(number):
    """All acts in CI, in ``make test`` an eighth of them, each test another."""
    return ACTS if THOROUGH else ACTS[number::8]


class Run:
    """An act in a world of its own whose first request, or each, meets an outcome."""

    def __init__(self, act: Act, outcome=None, *, before=None, retry=RETRY, every=False):
        self.world = start().fork()
        self.before = self.world.state()
        faults = self.world.simulator.faults
        if before is not None:
            faults.plan = lambda _: before
            self.world.simulator.handle(Request("GET", "/devstoreaccount1"))
            faults.plan = None
        self.calls, self.bodies = [], []
        if outcome is not None:
            faults.plan = lambda call: self.calls.append(call) or (outcome if every or call.number == 1 else None)
        with act.connect(self.world, self.handle, seed=7, retry=retry) as service:
            try:
                self.result = told(act.do(service, self.world))
            except azfiles.AzureFilesError as error:
                self.result = error
        self.diary = faults.diary
        self.after = self.world.state()

    def handle(self, request):
        reply = self.world.simulator.handle(request, IN_PROCESS)
        self.bodies.append((sum(map(len, request.body)), sum(map(len, getattr(reply, "body", ())))))
        return reply

    @property
    def end(self):
        """What came of it, comparable."""
        if isinstance(self.result, azfiles.AzureFilesError):
            return type(self.result), getattr(self.result, "code", ""), self.after
        return self.result, self.after


def is_honest(run: Run, plain: Run) -> None:
    """An error that says that nothing was done is true, and what was done was done once."""
    if isinstance(run.result, azfiles.AzureFilesError) and not run.result.may_have_acted:
        assert run.after == run.before, repr(run.result)
    else:
        assert run.after in (run.before, plain.after), repr(run.result)


@pytest.mark.parametrize("act", some(1), ids=str)
def test_a_lease_lost_under_way_is_as_if_it_had_been_lost_before(act):
    lost = Run(act, LoseLease())
    if not lost.diary:
        assert lost.end == Run(act).end
        return
    path = lost.calls[0].path
    assert lost.end == Run(act, before=LoseLease(of=path)).end
    assert lost.before != lost.after


def test_some_operations_do_meet_a_lost_lease():
    assert len([act for act in ACTS if Run(act, LoseLease()).diary]) > 10


@pytest.mark.parametrize("act", some(2), ids=str)
def test_a_clock_that_is_off_is_either_not_noticed_or_refused_with_nothing_done(act):
    plain = Run(act)
    for seconds in (60, -60):
        assert Run(act, SkewClock(seconds)).end == plain.end
    for seconds in (86_400, -86_400):
        run = Run(act, SkewClock(seconds), every=True)
        if act.number in UNSIGNED:
            assert run.end == plain.end
        else:
            # Of a key, that it would end before it begins; of a token, that it has not begun.
            of_a_key = {"InvalidXmlNodeValue", "InvalidAuthenticationInfo"}
            assert run.result.code in (of_a_key if act.number == "V4" else {"AuthenticationFailed"})
            assert (run.after, run.result.may_have_acted) == (run.before, False)


@pytest.mark.parametrize("act", some(3), ids=str)
def test_whatever_bit_of_a_reply_flips_an_act_ends_well_or_in_a_typed_error_and_is_done_once(act):
    """No other exception, and no second doing; that the content is right only a checksum can promise."""
    plain = Run(act)
    for bit in _some_bits(act, plain.bodies[0][1]):
        run = Run(act, FlipReplyBit(bit))
        assert len(run.diary) == 1
        is_honest(run, plain)


@pytest.mark.parametrize("act", some(0), ids=str)
def test_whatever_bit_of_a_request_flips_an_act_ends_well_or_in_a_typed_error(act):
    plain = Run(act)
    for bit in _some_bits(act, plain.bodies[0][0]):
        run = Run(act, FlipRequestBit(bit))
        assert len(run.diary) == 1
        if isinstance(run.result, azfiles.AzureFilesError) and not run.result.may_have_acted:
            assert run.after == run.before, repr(run.result)


@pytest.mark.parametrize("act", some(1), ids=str)
@pytest.mark.parametrize("by", [-1, -40] if THOROUGH else [-40])
def test_a_reply_that_ends_early_by_its_length_is_done_once(act, by):
    plain, run = Run(act), Run(act, WrongLength(by))
    is_honest(run, plain)


def _some_bits(act, size):
    bits = range(8 * size)
    return bits if len(bits) <= BITS else sorted(Random(str(act)).sample(bits, BITS))


CHECKED = [
    Act("F2", "get range, crc64", lambda service, _: bytes(_file(service, "f").get_range(3, 9, checksum="crc64").content)),
    Act("F2", "get range, md5", lambda service, _: bytes(_file(service, "f").get_range(3, 9, range_md5=True).content)),
    Act("F8", "put range, crc64", lambda service, _: _file(service, "g").put_range(3, b"new", checksum="crc64")),
    Act("F8", "put range, md5", lambda service, _: _file(service, "g").put_range(3, b"new", content_md5=True)),
    Act("F1", "create with data, crc64", lambda service, _: _file(service, "n").create(3, data=b"new", checksum="crc64")),
]  # fmt: skip


def _file(service, name):
    return service.share("data").file(name)


@pytest.mark.parametrize("act", CHECKED, ids=str)
@pytest.mark.parametrize("retry", [None, RETRY], ids=["once", "retried"])
def test_under_a_checksum_each_flipped_bit_is_noticed_or_makes_no_difference(act, retry):
    """As without the fault, or a typed error that is true: bit by bit of request and reply, nothing left out in CI."""
    plain = Run(act)
    assert not isinstance(plain.result, azfiles.AzureFilesError)
    noticed = 0
    for size, flip in zip(plain.bodies[0], (FlipRequestBit, FlipReplyBit), strict=True):
        for bit in range(0, 8 * size, 1 if THOROUGH else 11):
            run = Run(act, flip(bit), retry=retry)
            if isinstance(run.result, azfiles.AzureFilesError):
                noticed += 1
                is_honest(run, plain)
            else:
                assert run.end == plain.end, (flip, bit)
    assert noticed
