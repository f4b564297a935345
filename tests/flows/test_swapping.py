"""Compare-and-swap and create-if-absent: whatever is lost on the way, whoever else writes, whenever it is cancelled."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, product

import pytest

import azfiles
from azfiles.flows.effects import Gather, Send
from azfiles.runners.answers import FlowCancelled
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.faults import Faulty, SeededPlan
from tests.flows.by_hand import ByHand
from tests.flows.test_lost_replies import FAULTS, Trouble
from tests.flows.worlds import World
from tests.proof import PROVING, THOROUGH

OLD = b"old content, sixteen lines of it\n" * 16
BIG = 4 * 2**20 + 1000
ID = "aaaaaaaa-0000-4000-8000-000000000001"
FAILURES = [name for name in FAULTS if name != "none"]
DOUBTFUL = ["request lost", "reply lost", "500 after all"]


def make_world():
    clock = ManualClock()
    simulator = Simulator(clock=clock)
    share = azfiles.connect(simulator.handle, clock=clock).share("data")
    share.create()
    share.directory("d").create()
    share.file("d/f").upload(OLD)
    share.file("d/empty").create(0)
    facts = {"etag": share.file("d/f").get_properties().etag}
    clock.advance(100)
    return World(simulator, facts)


WORLD = make_world()


def end_of(world):
    """What is there in the end: names and contents, and which of the files are leased."""
    share = azfiles.connect(world.simulator.handle, clock=world.clock, retry=None).share("data")
    names = [entry.name for entry in share.directory("d").list()]
    contents = {name: bytes(share.file(f"d/{name}").get().content) for name in names}
    held = {name for name in names if share.file(f"d/{name}").get_properties().lease.state == "leased"}
    return contents, held


def file(service, name="d/f"):
    return service.share("data").file(name)


DEEDS = {
    "update": lambda service, _: file(service).update(lambda content: content.upper()),
    "update to more": lambda service, _: file(service).update(lambda content: content * 2),
    "update to less": lambda service, _: file(service).update(lambda content: content[:5]),
    "update of nothing": lambda service, _: file(service, "d/empty").update(lambda content: content + b"new"),
    "update to nothing": lambda service, _: file(service).update(lambda _: b""),
    "write if the same": lambda service, world: file(service).write_if(b"new", etag=world.facts["etag"]),
    "write if another": lambda service, _: file(service).write_if(b"new", etag='"0x1"'),
    "create new": lambda service, _: file(service, "d/new").create_new(b"content", metadata={"k": "v"}),
    "create new and empty": lambda service, _: file(service, "d/new").create_new(b""),
    "create what is there": lambda service, _: file(service).create_new(b"content"),
}
REFUSED = {"write if another": azfiles.EtagMismatch, "create what is there": azfiles.AlreadyExists}


def carry_out(deed, faults=()):
    world = WORLD.fork()
    trouble = Trouble(world, faults)
    with azfiles.connect(trouble.handle, clock=world.clock, seed=5) as service:
        try:
            result = DEEDS[deed](service, world)
        except azfiles.AzureFilesError as error:
            result = error
    return result, end_of(world), trouble.requests


def rounds():
    """How many requests meet a fault at once, and which faults they may meet."""
    yield 1, FAILURES
    if THOROUGH:
        yield 2, FAILURES if PROVING else DOUBTFUL
    if PROVING:
        yield 3, DOUBTFUL


@pytest.mark.parametrize("deed", DEEDS)
def test_whatever_any_two_of_its_requests_meet_it_ends_as_if_nothing_had_happened(deed, record_property):
    expected, end, requests = carry_out(deed)
    assert isinstance(expected, REFUSED.get(deed, azfiles.Uploaded))
    assert end[1] == set()
    assert not any(name.startswith(".azfiles") for name in end[0])
    runs = 0
    for depth, kinds in rounds():
        for places, met in product(combinations(range(requests + 1), depth), product(kinds, repeat=depth)):
            faults = ["none"] * (max(places) + 1)
            for place, kind in zip(places, met, strict=True):
                faults[place] = kind
            result, found, _ = carry_out(deed, faults)
            assert type(result) is type(expected), f"{faults}: {result!r}"
            assert found == end, f"{faults}"
            runs += 1
    assert runs > (40 if THOROUGH else 8)  # an empty file that is created takes two requests
    record_property("runs", runs)


@pytest.mark.parametrize("kind", FAILURES if THOROUGH else ["reply lost", "503 instead"])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_service_that_is_gone_from_any_request_on_leaves_what_the_error_says(deed, kind):
    before, (_, after, requests) = end_of(WORLD.fork()), carry_out(deed)
    for place in range(requests):
        result, (contents, held), _ = carry_out(deed, ["none"] * place + [kind] * 400)
        if not isinstance(result, azfiles.AzureFilesError):
            assert (contents, held) == after, f"{place}: {result!r}"
            continue
        visible = {name: content for name, content in contents.items() if not name.startswith(".azfiles")}
        if not result.may_have_acted:
            assert visible == before[0], f"{place}: {result!r}"
        elif visible not in (before[0], after[0]):
            # In part: only where a size changes, so that one request is not enough.
            assert deed in {"update to more", "update to less", "update of nothing", "write if the same"}
        told = [str(result), *getattr(result, "__notes__", ())]
        if held:
            assert any("lease" in text and "may still be held" in text for text in told), f"{place}: {told}"
        if len(visible) != len(contents):
            assert any("left behind" in text for text in told), f"{place}: {told}"


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_a_file_whose_rename_was_never_answered_is_known_by_its_id(kind):
    """All attempts at the rename are lost, then the line is well again."""
    _, end, requests = carry_out("create new")
    assert requests == 3  # create, put, rename
    result, found, _ = carry_out("create new", ["none"] * 2 + [kind] * azfiles.RetryPolicy().attempts)
    assert isinstance(result, azfiles.Uploaded)
    assert found == end


FLOWS = {
    "update": lambda share, _: azfiles.FileClient.update.flow(share.file("d/f").target, bytes.upper),
    "update to more": lambda share, _: azfiles.FileClient.update.flow(share.file("d/f").target, lambda old: old * 2),
    "write if": lambda share, facts: azfiles.FileClient.write_if.flow(
        share.file("d/f").target, OLD.upper(), etag=facts["etag"]
    ),
    "create new": lambda share, _: azfiles.FileClient.create_new.flow(share.file("d/new").target, b"content"),
}


@pytest.mark.parametrize("performed", [True, False])
@pytest.mark.parametrize("name", FLOWS)
def test_a_cancelled_swap_gives_back_its_lease_and_leaves_no_temporary_file(name, performed):
    cancelled = 0
    for place in range(1, 10):
        world = WORLD.fork()
        service = azfiles.connect(world.simulator.handle, clock=world.clock)
        flow = FLOWS[name](service.share("data"), world.facts)
        try:
            ByHand(world, place, performed=performed).drive(flow)
        except FlowCancelled:
            cancelled += 1
        contents, held = end_of(world)
        assert held == set(), f"cancelled at request {place}"
        assert set(contents) <= {"f", "empty", "new"}, f"cancelled at request {place}"
        assert contents.get("new", b"content") == b"content"
    assert cancelled >= (3 if name == "create new" else 4)  # one at each request


def test_a_swap_that_is_closed_performs_nothing_more():
    world = WORLD.fork()
    client = azfiles.connect(world.simulator.handle, clock=world.clock)
    for name, flow_of in FLOWS.items():
        flow = flow_of(client.share("data"), world.facts)
        effect = flow.send(None)
        while not isinstance(effect, Send):
            effect = flow.send(ByHand(world, 0, performed=False).perform(effect))
        flow.close()
        assert flow.gi_frame is None, name


def contend(seed, deeds, *, plan=None, retry=None, wait_s=600.0):
    """Several flows side by side in an order that the seed decides; the world they leave and what came of each."""
    world = WORLD.fork()
    handle = world.simulator.handle if plan is None else Faulty(world.simulator.handle, plan).handle
    service = azfiles.connect(
        handle, clock=world.clock, seed=seed, circuit=None, retry=retry or azfiles.RetryPolicy(attempts=30, budget=1e6)
    )
    outcomes = []

    def one(deed):
        try:
            outcomes.append((yield from deed(service.share("data"), wait_s)))
        except azfiles.AzureFilesError as error:
            outcomes.append(error)

    def all_of_them():
        return (yield Gather([one(deed) for deed in deeds], len(deeds)))

    service.runner.run(all_of_them())
    return world, outcomes


def add_one(share, wait_s):
    def counted(content):
        return str(int(content or b"0") + 1).encode()

    return azfiles.FileClient.update.flow(share.file("d/empty").target, counted, wait_s=wait_s)


@pytest.mark.parametrize("seed", range(100 if PROVING else 20 if THOROUGH else 3))
def test_of_twelve_updates_at_once_over_a_lossy_line_none_is_lost_and_none_happens_twice(seed):
    world, outcomes = contend(seed, [add_one] * 12, plan=SeededPlan(seed, 0.1, 0.1))
    assert all(isinstance(outcome, azfiles.Uploaded) for outcome in outcomes), outcomes
    contents, held = end_of(world)
    assert contents["empty"] == b"12"
    assert held == set()


@pytest.mark.parametrize("seed", range(100 if PROVING else 20 if THOROUGH else 3))
def test_of_many_writers_that_expect_one_version_one_writes(seed):
    def writer(number):
        return lambda share, wait_s: azfiles.FileClient.write_if.flow(
            share.file("d/f").target, f"by {number}".encode(), etag=WORLD.facts["etag"], wait_s=wait_s
        )

    world, outcomes = contend(seed, [writer(number) for number in range(6)], plan=SeededPlan(seed, 0.1, 0.1))
    assert Counter(type(outcome) for outcome in outcomes) == {azfiles.Uploaded: 1, azfiles.EtagMismatch: 5}
    assert re.fullmatch(rb"by [0-5]", end_of(world)[0]["f"])


@pytest.mark.parametrize("seed", range(100 if PROVING else 20 if THOROUGH else 3))
def test_of_many_that_create_one_name_one_succeeds_and_its_content_is_what_is_there(seed):
    def creator(number):
        content = f"by {number}".encode()

        def deed(share, _):
            yield from azfiles.FileClient.create_new.flow(share.file("d/new").target, content)
            return content

        return deed

    world, outcomes = contend(seed, [creator(number) for number in range(6)], plan=SeededPlan(seed, 0.1, 0.1))
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, bytes)]
    assert all(isinstance(outcome, (bytes, azfiles.AlreadyExists)) for outcome in outcomes), outcomes
    contents, _ = end_of(world)
    assert contents["new"] == winner
    assert set(contents) == {"f", "empty", "new"}


@pytest.mark.parametrize("size", [BIG, BIG - 1500])
def test_content_of_many_ranges_is_swapped_whole(size):
    world = WORLD.fork()
    service = azfiles.connect(world.simulator.handle, clock=world.clock)
    data = bytes(size)
    first = file(service).update(lambda _: data)
    assert first.size == size
    second = file(service).write_if(data[::-1] + b"x", etag=first.etag)
    assert bytes(file(service).download()) == data[::-1] + b"x"
    assert file(service).get_properties().etag == second.etag


def test_a_swap_keeps_metadata_and_properties_and_tells_the_new_etag():
    world = WORLD.fork()
    found = file(azfiles.connect(world.simulator.handle, clock=world.clock))
    found.set_metadata({"k": "v"})
    found.set_http_headers(azfiles.HttpHeaders(content_type="text/x"))
    done = found.update(lambda content: content + b"!")
    after = found.get_properties()
    assert (dict(after.metadata), after.http.content_type, after.etag) == ({"k": "v"}, "text/x", done.etag)
    again = found.write_if(OLD, etag=done.etag)
    with pytest.raises(azfiles.EtagMismatch) as caught:
        found.write_if(b"late", etag=done.etag)
    assert (caught.value.expected, caught.value.found) == (done.etag, again.etag)
    assert not caught.value.may_have_acted


def test_what_a_transformation_raises_is_raised_and_nothing_is_written():
    world = WORLD.fork()
    with pytest.raises(ZeroDivisionError):
        file(azfiles.connect(world.simulator.handle, clock=world.clock)).update(lambda _: 1 // 0)
    assert end_of(world) == end_of(WORLD.fork())


def test_a_lease_of_somebody_else_is_waited_for_and_then_is_a_conflict():
    world = WORLD.fork()
    service = azfiles.connect(world.simulator.handle, clock=world.clock, seed=1)
    file(service).acquire_lease(proposed_id=ID)
    before = world.clock.time()
    with pytest.raises(azfiles.LeaseConflict) as caught:
        file(service).update(bytes.upper, wait_s=7.0)
    assert caught.value.code == "LeaseAlreadyPresent"
    assert world.clock.time() - before == pytest.approx(7.0)
    assert end_of(world)[1] == {"f"}  # it is not ours to give back


def test_a_lease_that_is_broken_meanwhile_is_a_conflict_and_nothing_is_written():
    world = WORLD.fork()
    service = azfiles.connect(world.simulator.handle, clock=world.clock)

    def broken_meanwhile(content):
        file(service).break_lease()
        return content.upper()

    with pytest.raises(azfiles.LeaseConflict) as caught:
        file(service).update(broken_meanwhile)
    assert not caught.value.may_have_acted
    assert end_of(world) == end_of(WORLD.fork())


def test_what_is_not_there_cannot_be_swapped_and_what_makes_no_sense_is_refused():
    world = WORLD.fork()
    service = azfiles.connect(world.simulator.handle, clock=world.clock)
    with pytest.raises(azfiles.NotFound):
        file(service, "d/none").update(bytes.upper)
    with pytest.raises(azfiles.NotFound):
        file(service, "none/f").create_new(b"x")
    for wrong in (
        lambda: file(service).write_if("text", etag='"1"'),
        lambda: file(service).write_if(b"x", etag=""),
        lambda: file(service).update(bytes.upper, wait_s=-1.0),
        lambda: service.share("data").snapshot("2026-01-01T00:00:00.0000000Z").file("f").create_new(b"x"),
        lambda: service.share("data").snapshot("2026-01-01T00:00:00.0000000Z").file("f").update(bytes.upper),
    ):
        with pytest.raises(azfiles.InvalidArgument):
            wrong()


def test_a_temporary_name_is_recognized_and_always_as_long():
    world, names = WORLD.fork(), set()

    def handle(request):
        names.add(request.target.partition("?")[0].rpartition("/")[2])
        return world.simulator.handle(request)

    for number in range(3):
        file(azfiles.connect(handle, clock=world.clock), f"d/n{number}").create_new(b"x")
    temporary = [name for name in names if name not in {"n0", "n1", "n2"}]
    assert len(temporary) == 3
    assert all(re.fullmatch(r"\.azfiles-[0-9a-f]{32}\.new", name) for name in temporary)
