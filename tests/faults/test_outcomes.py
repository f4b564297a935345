"""Each fault in process: what the service saw of the request, what the client sees of the answer, how long it took."""

from __future__ import annotations

import time

import pytest

import azfiles
from azfiles_sim import IN_PROCESS, Dropped, ManualClock, Reply, Request, Simulator
from azfiles_sim.faults import (
    CutBody,
    DelayReply,
    DelayRequest,
    Drip,
    Faulty,
    FlipReplyBit,
    FlipRequestBit,
    LoseLease,
    LoseReply,
    LoseRequest,
    Refuse,
    Reset,
    Restart,
    Rule,
    Script,
    SkewClock,
    WrongLength,
)
from azfiles_sim.faults import faulty as faulty_module
from azfiles_sim.faults.delivery import Ended
from tests.faults.ground import ACCOUNT, CONTENT, Ground, error_of
from tests.proof import THOROUGH

FRAMED_BYTES = 13 + 10 + 8 + 8
"""What a structured body of one segment has beside its data: two heads and two checksums."""
ID_A = "aaaaaaaa-0000-4000-8000-000000000001"
ID_B = "bbbbbbbb-0000-4000-8000-000000000002"


@pytest.fixture
def ground():
    return Ground()


# --- on the way there ------------------------------------------------------------------------------------------------


def test_a_held_up_request_is_handled_later_and_a_held_up_reply_tells_of_earlier(ground):
    began = ground.file.get_properties().last_modified
    ground.meet(DelayRequest(30))
    late = ground.file.put_range(0, b"H").last_modified
    ground.meet(DelayReply(30))
    early = ground.file.put_range(0, b"h").last_modified
    assert ((late - began).total_seconds(), (early - late).total_seconds()) == (30, 0)
    assert ground.clock.time() - began.timestamp() == 60


@pytest.mark.parametrize(
    ("outcome", "acted"),
    [(LoseRequest(), False), (Reset(), False), (LoseReply(), True), (Reset(acts=True), True)],
    ids=str,
)
def test_without_an_answer_the_service_has_acted_or_not_and_the_client_cannot_tell(ground, outcome, acted):
    ground.meet(outcome)
    error = error_of(lambda: ground.file.put_range(0, b"HELLO"))
    assert isinstance(error, azfiles.TransportError)
    assert error.sent
    assert ground.stored() == (b"HELLO, world" if acted else CONTENT)


@pytest.mark.parametrize("bit", range(40))
def test_the_service_sees_a_bit_of_the_request_flipped(ground, bit):
    ground.meet(FlipRequestBit(bit))
    ground.file.put_range(0, b"HELLO")
    stored = ground.stored()[:5]
    differing = int.from_bytes(stored, "little") ^ int.from_bytes(b"HELLO", "little")
    assert differing == 1 << bit


@pytest.mark.parametrize(
    ("options", "size"), [({"checksum": "crc64"}, FRAMED_BYTES + 2), ({"content_md5": True}, 2)], ids=["crc64", "md5"]
)
def test_every_flipped_bit_of_a_write_with_a_checksum_is_refused_and_changes_nothing(ground, options, size):
    for bit in range(0, 8 * size, 1 if THOROUGH else 5):
        ground.meet(FlipRequestBit(bit))
        error = error_of(lambda: ground.file.put_range(0, b"HI", **options))
        assert (error.status, error.may_have_acted) == (400, False)
        assert ground.stored() == CONTENT
        assert len(ground.faults.diary) == 1


def test_a_request_without_a_body_has_no_bit_to_flip(ground):
    ground.meet(FlipRequestBit())
    assert ground.file.get().content == CONTENT
    assert ground.faults.diary == ()


# --- at the service --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "kind", "status", "code"),
    [
        (Refuse("ServerBusy", retry_after_s=3), azfiles.Throttled, 503, "ServerBusy"),
        (Refuse("InternalError"), azfiles.ServerFault, 500, "InternalError"),
        (Refuse("ShareNotFound"), azfiles.NotFound, 404, "ShareNotFound"),
        (Refuse("ServerBusy", status=429), azfiles.Throttled, 429, "ServerBusy"),
        (Refuse("", status=502), azfiles.ServerFault, 502, ""),
        (Refuse("", status=599), azfiles.ServerFault, 599, ""),
    ],
    ids=str,
)
def test_an_error_is_answered_as_the_service_words_it_and_nothing_is_done(ground, outcome, kind, status, code):
    ground.meet(outcome)
    error = error_of(lambda: ground.file.put_range(0, b"HELLO"))
    assert isinstance(error, kind)
    assert (error.status, error.code) == (status, code)
    assert bool(error.request_id) == bool(code)
    assert ground.stored() == CONTENT


def test_an_answered_error_looks_like_the_services_own():
    request = Request(
        "GET", "/nobody?restype=share", (("x-ms-version", "2021-12-02"), ("x-ms-client-request-id", "me"))
    )
    simulator = Simulator(clock=ManualClock())
    own = simulator.handle(request)
    simulator.faults.plan = lambda _: Refuse(dict(own.headers)["x-ms-error-code"])
    made = simulator.handle(request)
    assert (made.status, made.reason) == (own.status, own.reason)
    assert {name for name, _ in made.headers} == {name for name, _ in own.headers}
    assert dict(made.headers)["x-ms-client-request-id"] == "me"
    simulator.faults.plan = lambda _: Refuse("ServerBusy", retry_after_s=7)
    head = simulator.handle(Request("HEAD", "/data/f"))
    assert (head.status, head.body, dict(head.headers)["Retry-After"]) == (503, (), "7")


def test_an_error_after_acting_hides_a_success_but_no_refusal(ground):
    ground.meet(Refuse("OperationTimedOut", acts=True))
    assert error_of(lambda: ground.file.put_range(0, b"HELLO")).code == "OperationTimedOut"
    assert ground.stored() == b"HELLO, world"
    ground.meet(Refuse("OperationTimedOut", acts=True))
    assert error_of(lambda: ground.file.put_range(4000, b"HELLO")).code == "InvalidRange"
    assert ground.faults.diary == ()


def test_errors_take_none_of_the_services_ids(ground):
    """Another request's ids are the same whether an error was answered before it or not."""
    other = Ground()
    ground.meet(Refuse("ServerBusy"))
    error_of(ground.file.get)
    ids = [error_of(one.share.file("none").get).request_id for one in (ground, other)]
    assert ids[0] == ids[1]


def test_a_files_lease_is_broken_just_before_its_holder_writes(ground):
    ground.file.acquire_lease(proposed_id=ID_A)
    ground.meet(LoseLease(), operations=("F8",))
    error = error_of(lambda: ground.file.put_range(0, b"HELLO", lease_id=ID_A))
    assert error.code == "LeaseNotPresentWithFileOperation"
    assert ground.stored() == CONTENT
    assert ground.file.acquire_lease(proposed_id=ID_B).id == ID_B


@pytest.mark.parametrize(("how", "renewed"), [("expired", True), ("broken", False)])
def test_a_shares_lease_that_has_expired_is_renewed_and_one_that_was_broken_is_not(ground, how, renewed):
    ground.share.acquire_lease(15, proposed_id=ID_A)
    ground.meet(LoseLease(of="data", how=how))
    assert ground.share.get_properties().lease.state == how
    if renewed:
        assert ground.share.renew_lease(ID_A).id == ID_A
    else:
        assert error_of(lambda: ground.share.renew_lease(ID_A)).code == "LeaseIsBrokenAndCannotBeRenewed"


def test_a_lease_without_an_end_is_broken_rather_than_expired(ground):
    ground.share.acquire_lease(proposed_id=ID_A)
    ground.file.acquire_lease(proposed_id=ID_A)
    for of, look in (("data", ground.share.get_properties), ("data/f", ground.file.get_properties)):
        ground.meet(LoseLease(of, "expired"))
        assert look().lease.state == "broken"


@pytest.mark.parametrize("of", [None, "data", "data/f", "data/none/f", "none", "data/none"])
def test_where_there_is_no_lease_none_is_lost_and_the_diary_says_nothing(ground, of):
    ground.meet(LoseLease(of))
    assert ground.file.get().content == CONTENT
    assert ground.faults.diary == ()


def test_a_clock_that_is_off_is_off_for_one_request_only(ground):
    ground.meet(SkewClock(-3600))
    assert error_of(ground.file.get).code == "AuthenticationFailed"
    assert ground.file.get().content == CONTENT
    ground.share.acquire_lease(60, proposed_id=ID_A)
    ground.meet(SkewClock(61))
    assert ground.share.get_properties().lease.state == "expired"
    assert ground.share.get_properties().lease.state == "leased"


def test_etags_still_differ_and_grow_after_a_clock_was_ahead(ground):
    ground.meet(SkewClock(600))
    tags = [ground.file.put_range(0, b"H").etag for _ in range(3)]
    assert tags == sorted(set(tags))


def test_a_restarted_service_keeps_what_it_answered_and_is_away_for_a_while(ground):
    ground.file.put_range(0, b"HELLO")
    ground.meet(Restart(down_s=10))
    assert error_of(ground.file.get).sent
    down = error_of(ground.file.get)
    assert isinstance(down, azfiles.TransportError)
    assert not down.may_have_acted
    ground.clock.advance(9.9)
    assert not error_of(ground.file.get).sent
    ground.clock.advance(0.2)
    assert ground.file.get().content == b"HELLO, world"
    assert len(ground.faults.diary) == 1


def test_a_client_with_retries_outlives_a_restart():
    ground = Ground(retry=azfiles.RetryPolicy(attempts=20))
    ground.meet(Restart(down_s=10))
    assert ground.file.get().content == CONTENT


def test_what_is_in_memory_only_may_be_forgotten_at_a_restart(ground):
    ground.meet(Restart(forget=True))
    error_of(ground.file.get)
    assert ground.simulator.control.diff() == ()
    assert [account.name for account in ground.simulator.control.accounts()] == [ACCOUNT]
    assert error_of(ground.file.get).code == "ShareNotFound"


def test_a_store_on_disk_has_nothing_to_forget(tmp_path):
    from azfiles_sim.storage.disk import DiskStore

    with DiskStore.open(tmp_path) as store:
        simulator = Simulator(store=store, faults=Script((Rule(Restart(forget=True)),)))
        simulator.control.plant(ACCOUNT, "data", {"f": CONTENT})
        assert isinstance(simulator.handle(Request("GET", "/")), Dropped)
        assert simulator.control.diff() != ()


# --- on the way back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", range(len(CONTENT)))
def test_a_body_that_is_cut_anywhere_is_no_answer(ground, after):
    ground.meet(CutBody(after_bytes=after))
    with pytest.raises(azfiles.TransportError, match=f"the body ended after {after} of 12 bytes"):
        ground.file.get()


def test_a_body_no_longer_than_the_cut_comes_whole(ground):
    ground.meet(CutBody(after_bytes=len(CONTENT)))
    assert ground.file.get().content == CONTENT
    assert ground.faults.diary == ()


@pytest.mark.parametrize("after", [0, 1, 100])
def test_a_document_without_a_length_that_is_cut_is_no_answer_either(ground, after):
    """In process nothing but the framing, which there is not, could tell that it is not all."""
    ground.share.directory("d").create()
    ground.meet(CutBody(after_bytes=after), operations=("D7",))
    assert isinstance(error_of(lambda: list(ground.share.directory("d").list())), azfiles.TransportError)


def test_every_flipped_bit_of_a_read_is_noticed_where_a_checksum_guards_it(ground):
    for bit in range(0, 8 * (FRAMED_BYTES + 4), 1 if THOROUGH else 5):
        ground.meet(FlipReplyBit(bit))
        error = error_of(lambda: ground.file.get_range(0, 4, checksum="crc64"))
        assert not isinstance(error, azfiles.ServiceError)
        assert len(ground.faults.diary) == 1


def test_without_a_checksum_nobody_notices_a_flipped_bit(ground):
    ground.meet(FlipReplyBit(0))
    assert bytes(ground.file.get_range(0, 4).content) == b"iell"


def test_which_bit_flips_by_default_goes_by_the_call(ground):
    drawn = set()
    for _ in range(3):
        ground.faults.plan = lambda call: FlipReplyBit() if call.operation == "F2" else None
        drawn.add(tuple(bytes(ground.file.get().content) for _ in range(5)))
    assert len(drawn) == 1
    assert len(set(drawn.pop())) > 1


@pytest.mark.parametrize("by", [1, 5000])
def test_a_length_that_is_too_large_is_a_body_that_ends_early(ground, by):
    ground.meet(WrongLength(by))
    with pytest.raises(azfiles.TransportError, match=f"the body ended after 12 of {12 + by} bytes"):
        ground.file.get()


@pytest.mark.parametrize(("by", "left"), [(-1, 11), (-12, 0), (-100, 0)])
def test_a_length_that_is_too_small_ends_the_body_there(ground, by, left):
    ground.meet(WrongLength(by))
    error = error_of(lambda: ground.file.get_range(0, 12))
    assert isinstance(error, azfiles.ReplyNotUnderstood)
    reply = Faulty(
        lambda *_: Reply(200, "OK", (("Content-Length", "12"),), (memoryview(CONTENT),)), lambda _: WrongLength(by)
    ).handle(Request("GET", "/"))
    assert b"".join(reply.body) == CONTENT[:left]
    assert b"".join(reply.delivery.surplus) == CONTENT[left:]


def test_a_reply_to_head_has_no_body_to_spoil(ground):
    for outcome in (CutBody(), WrongLength(3), WrongLength(-3), FlipReplyBit(), Drip(1)):
        ground.meet(outcome)
        assert ground.file.get_properties().size == len(CONTENT)
        assert ground.faults.diary == ()


def test_a_dripping_body_takes_its_time(ground):
    before = ground.clock.time()
    ground.meet(Drip(bytes_per_s=2))
    assert ground.file.get().content == CONTENT
    assert ground.clock.time() - before == pytest.approx(6)


def test_without_a_clock_that_can_be_moved_waiting_is_real():
    faulty = Faulty(lambda *_: Reply(200, "OK"), lambda _: DelayReply(0.02))
    began = time.monotonic()
    faulty.handle(Request("GET", "/"))
    assert time.monotonic() - began >= 0.02


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (DelayRequest(1.5), "request held up for 1.5 s"),
        (FlipRequestBit(3), "bit 3 of the request flipped"),
        (Refuse("ServerBusy", 429, 3), "429 ServerBusy, Retry-After 3 instead"),
        (Refuse("", 504, acts=True), "504 instead of the reply"),
        (LoseLease("data/f", "expired"), "lease of data/f expired"),
        (SkewClock(-60), "service's clock off by -60 s"),
        (Restart(5, forget=True), "service restarted, down for 5 s, all in memory forgotten"),
        (DelayReply(2), "reply held up for 2 s"),
        (CutBody(7, reset=True), "reply cut after 7 bytes, connection reset"),
        (FlipReplyBit(), "a bit of the reply flipped"),
        (WrongLength(3), "Content-Length off by +3"),
        (Drip(10), "reply at 10 bytes/s"),
    ],
)
def test_each_fault_says_in_words_what_it_is(outcome, words):
    assert str(outcome) == words


# --- the wrapper -----------------------------------------------------------------------------------------------------


def test_what_an_inner_handler_lost_stays_lost():
    lost = Ended(applied=True, sent=False)
    for outcome in (CutBody(), DelayReply(0), Refuse("ServerBusy", acts=True), FlipReplyBit(), WrongLength(1), Drip(1)):
        faulty = Faulty(lambda *_: lost, lambda _, each=outcome: each)
        assert faulty.handle(Request("GET", "/")) is lost
        assert faulty.diary == ()
    assert Faulty(lambda *_: lost, lambda _: LoseReply()).handle(Request("GET", "/")) == Dropped(applied=True)


def test_the_diary_keeps_the_newest(monkeypatch):
    monkeypatch.setattr(faulty_module, "DIARY_LIMIT", 3)
    faulty = Faulty(lambda *_: Reply(200, "OK"), lambda _: LoseRequest())
    for _ in range(5):
        faulty.handle(Request("GET", "/"))
    assert [entry.number for entry in faulty.diary] == [3, 4, 5]
    assert repr(faulty) == "<Faulty, 5 calls, 3 faults>"


def test_a_plan_that_gives_something_else_is_told_so():
    with pytest.raises(TypeError, match="str, which is no outcome"):
        Faulty(lambda *_: Reply(200, "OK"), lambda _: "lose it").handle(Request("GET", "/"))


def test_the_request_that_an_inner_handler_gets_is_of_the_callers_class():
    seen = []
    asked = azfiles.messages.Request("PUT", "/data/f", (), (b"abc",), "https://a.file.core.windows.net")
    Faulty(lambda request, _=IN_PROCESS: seen.append(request), lambda _: FlipRequestBit(0)).handle(asked)
    assert seen == [azfiles.messages.Request("PUT", "/data/f", (), (b"`bc",), "https://a.file.core.windows.net")]


@pytest.mark.parametrize(
    "make",
    [
        lambda: DelayRequest(-1),
        lambda: DelayReply(float("nan")),
        lambda: FlipReplyBit(-1),
        lambda: Refuse("NoSuchCode"),
        lambda: Refuse(""),
        lambda: Refuse("ServerBusy", status=200),
        lambda: Refuse("ServerBusy", retry_after_s=-1),
        lambda: LoseLease("/"),
        lambda: LoseLease(how="gone"),
        lambda: SkewClock(float("inf")),
        lambda: Restart(down_s=-1),
        lambda: CutBody(-1),
        lambda: WrongLength(0),
        lambda: Drip(0),
        lambda: Drip(float("inf")),
    ],
)
def test_values_that_make_no_fault_are_refused(make):
    with pytest.raises(ValueError, match=r"is|are|needs|names|has no"):
        make()
