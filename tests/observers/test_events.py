"""What a client tells: of operations, tries and retries, in order, whatever happens to them and to whoever listens."""

from __future__ import annotations

import dataclasses
import logging
from datetime import UTC, datetime

import anyio
import pytest

import azfiles
from azfiles.address import Endpoint
from azfiles.core import files, service, shares
from azfiles.flows.effects import Gather, Monotonic, NewId, Send, Sleep, WallClock
from azfiles.flows.watching import NOBODY, label_of, url_template
from azfiles.messages import Headers, Response
from azfiles.observers import (
    OperationBegan,
    OperationEnded,
    RetryScheduled,
    ThrottlingChanged,
    TryEnded,
)
from azfiles_sim.messages import Dropped, Reply
from tests.proof import some

from .watched import Kept, World

BUSY = Reply(503, "", (("x-ms-error-code", "ServerBusy"), ("Retry-After", "7")))


def once(*answers):
    """A service that gives these answers and is itself from then on."""
    left = list(answers)
    return lambda _: left.pop(0) if left else None


def test_an_operation_tells_that_it_began_of_its_try_and_how_it_ended():
    kept = Kept()
    share = World().client(kept).share("data")
    share.file("a").create(10)
    share.file("a").put_range(0, b"0123456789")
    assert kept.names() == ["OperationBegan", "TryEnded", "OperationEnded"] * 2
    began, tried, ended = kept[3:]
    assert (began.operation, began.method, began.url_template) == ("Put Range", "PUT", "/{share}/{path}?comp=range")
    assert began.call == tried.call == ended.call != kept[0].call
    assert {event.endpoint for event in kept} == {"file.core.windows.net"}
    assert len({event.client_id for event in kept}) == 1
    for event in (tried, ended):
        assert (event.outcome, event.status, event.error_kind, event.error_code) == ("success", 201, "", "")
        assert (event.bytes_sent, event.bytes_received) == (10, 0)
        assert len(event.client_request_id) == len(event.request_id) == 36
    assert (tried.number, ended.tries, ended.reason) == (1, 1, "")


def test_events_are_frozen_values_and_equal_where_they_say_the_same():
    kept = Kept()
    World().client(kept).share("data").get_properties()
    with pytest.raises(dataclasses.FrozenInstanceError):
        kept[0].operation = "another"
    assert kept[0] == dataclasses.replace(kept[0])
    assert not hasattr(kept[0], "__dict__")


def test_a_try_names_the_ids_that_were_sent_and_that_came_back():
    kept, asked, world = Kept(), [], World()
    world._before = asked.append
    world.client(kept).share("data").get_properties()
    [tried] = kept.of(TryEnded)
    assert tried.client_request_id == dict(asked[0].headers)["x-ms-client-request-id"]
    assert tried.request_id == world.simulator.journal.entries()[-1].request_id


def test_a_refusal_is_told_apart_from_a_failure():
    kept = Kept()
    with pytest.raises(azfiles.NotFound):
        World().client(kept).share("data").file("none").get_properties()
    [ended] = kept.of(OperationEnded)
    assert (ended.outcome, ended.status, ended.error_code, ended.error_kind) == (
        "refused",
        404,
        "ResourceNotFound",
        "NotFound",
    )


@pytest.mark.parametrize("retry", [None, azfiles.RetryPolicy(attempts=2, base_s=0)], ids=["once", "twice"])
@pytest.mark.parametrize(
    ("answer", "outcome", "kind"),
    [
        (Dropped(applied=False), "failed", "TransportError"),
        (Reply(500, "", (("x-ms-error-code", "InternalError"),)), "failed", "ServerFault"),
        (BUSY, "failed", "Throttled"),
        (Reply(403, "", (("x-ms-error-code", "AuthenticationFailed"),)), "refused", "AuthenticationFailed"),
        (Reply(408, ""), "failed", "ServiceError"),
        (Reply(299, ""), "failed", "ReplyNotUnderstood"),
    ],
)
def test_each_error_has_its_outcome_and_kind(retry, answer, outcome, kind):
    kept = Kept()
    with pytest.raises(azfiles.AzureFilesError) as caught:
        World(lambda _: answer).client(kept, retry=retry).share("data").get_properties()
    [ended] = kept.of(OperationEnded)
    assert (ended.outcome, ended.error_kind) == (outcome, kind)
    assert type(caught.value).__name__ == kind
    assert ended.tries == len(kept.of(TryEnded))


def test_a_retry_tells_why_and_when_and_the_operation_counts_its_tries_and_their_bytes():
    kept, world = Kept(), World(once(None, BUSY, BUSY))
    file = world.client(kept).share("data").file("a")
    file.create(5)
    kept.clear()
    began_s = world.clock.time()
    file.put_range(0, b"01234")
    assert kept.names(ThrottlingChanged) == [
        "OperationBegan",
        *["TryEnded", "RetryScheduled"] * 2,
        "TryEnded",
        "OperationEnded",
    ]
    for number, retry in enumerate(kept.of(RetryScheduled), 1):
        assert (retry.number, retry.why, retry.error_kind) == (number, "503 ServerBusy", "Throttled")
        assert retry.delay_s >= 7
    assert [tried.number for tried in kept.of(TryEnded)] == [1, 2, 3]
    assert len({tried.client_request_id for tried in kept.of(TryEnded)}) == 3
    [ended] = kept.of(OperationEnded)
    assert (ended.tries, ended.outcome, ended.bytes_sent) == (3, "success", 15)
    assert ended.duration_s == pytest.approx(world.clock.time() - began_s)
    assert ended.duration_s >= 14


def test_an_operation_that_gave_up_says_why():
    kept = Kept()
    policy = azfiles.RetryPolicy(attempts=3, base_s=0)
    with pytest.raises(azfiles.TransportError):
        World(lambda _: Dropped(applied=False)).client(kept, retry=policy).share("data").get_properties()
    assert kept.of(OperationEnded)[-1].reason == "all 3 attempts failed"


def test_a_look_that_settles_a_doubt_is_an_operation_of_its_own():
    kept = Kept()
    World(once(Dropped(applied=True))).client(kept).share("new").create()
    assert kept.of(OperationEnded)[-1].outcome == "success"
    kept.clear()
    answers = [lambda world, request: world.simulator.handle(request) and Dropped(applied=True)]
    world = World()
    world._before = lambda request: answers.pop()(world, request) if answers else None
    world.client(kept).share("other").create()
    assert [event.operation for event in kept.of(OperationEnded)] == ["Get Share Properties", "Create Share"]
    assert kept.of(OperationEnded)[-1].outcome == "success"
    assert len({event.call for event in kept}) == 2


def test_the_time_of_a_look_is_part_of_its_operation():
    kept, world = Kept(), World()
    answers = [Dropped(applied=True), None, None]

    def before(request):
        world.clock.advance(2)
        answer = answers.pop(0)
        if answer is not None:
            world.simulator.handle(request)
        return answer

    world._before = before
    world.client(kept, retry=azfiles.RetryPolicy(base_s=0)).share("new").create()
    look, create = kept.of(OperationEnded)
    assert (look.operation, look.duration_s) == ("Get Share Properties", pytest.approx(2))
    assert (create.operation, create.duration_s) == ("Create Share", pytest.approx(6))


def test_what_could_not_be_sent_is_a_failure_without_a_status():
    kept = Kept()
    share = World().client(kept, api_version="2018-11-09").share("data")
    with pytest.raises(azfiles.RequestNotSent):
        share.create_permission("O:SY")
    [ended] = kept.of(OperationEnded)
    assert (ended.outcome, ended.status, ended.error_kind) == ("failed", None, "RequestNotSent")
    assert (ended.client_request_id, ended.tries, kept.of(TryEnded)) == ("", 0, [])


def performed(effect, world):
    """What a runner would answer, of the effects that a single operation has."""
    match effect:
        case Send(request, _):
            reply = world.handle(request)
            if isinstance(reply, Dropped):
                return azfiles.TransportError("lost", sent=reply.applied)
            return Response(reply.status, reply.reason, Headers(reply.headers), b"".join(reply.body))
        case Monotonic():
            return world.clock.time()
        case WallClock():
            return datetime.fromtimestamp(world.clock.time(), UTC)
        case NewId():
            return "00000000-0000-4000-8000-000000000000"
        case Sleep(seconds):
            world.clock.advance(seconds)
    return None


def left_after(steps, retry):
    """The events of a call that is retried once, unless it is closed after so many effects; and whether it was."""
    kept = Kept()
    world = World(once(BUSY if retry else None))
    share = world.client(kept, retry=retry).share("data")
    flow = azfiles.ShareClient.get_properties.flow(share.target)
    answer = None
    for _ in range(steps):
        try:
            effect = flow.throw(answer) if isinstance(answer, Exception) else flow.send(answer)
        except StopIteration:
            return kept, False
        answer = performed(effect, world)
    flow.close()
    return kept, True


@pytest.mark.parametrize("retry", [None, azfiles.RetryPolicy()], ids=["once", "retrying"])
def test_an_operation_that_is_left_at_any_point_ends_as_cancelled(retry):
    points = 0
    while True:
        kept, was_left = left_after(points + 1, retry)
        if not was_left:
            break
        points += 1
        assert len(kept.of(OperationEnded)) == len(kept.of(OperationBegan)) == (1 if kept else 0)
        if kept:
            assert kept[-1].outcome == "cancelled"
            assert kept[-1].duration_s is None
            assert kept[-1].tries == len(kept.of(TryEnded))
    assert kept[-1].outcome == "success"
    assert points >= (12 if retry else 5)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_task_that_is_cancelled_while_it_waits_ends_what_it_began(backend):
    kept = Kept()

    class Silent:
        async def send_async(self, request, timeout_s):
            await anyio.sleep_forever()

        async def aclose(self):
            """Nothing is open."""

    async def main():
        client = azfiles.connect_async("UseDevelopmentStorage=true", transport=Silent(), observers=[kept])
        async with anyio.create_task_group() as group:
            group.start_soon(client.share("data").get_properties)
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()

    anyio.run(main, backend=backend)
    assert kept.names() == ["OperationBegan", "TryEnded", "OperationEnded"]
    assert [event.outcome for event in kept[1:]] == ["cancelled", "cancelled"]
    assert kept[0].endpoint == "127.0.0.1:10004"


@pytest.mark.parametrize("seed", some(range(30), 3))
def test_the_same_seed_gives_the_same_run_whether_anybody_listens_or_not(seed):
    traces = []
    for observers in ((), (Kept(),), (Kept(), Kept())):
        answers = once(None, BUSY, None, Dropped(applied=False), BUSY)
        client = World(answers).client(*observers, seed=seed)
        file = client.share("data").file("a")

        def work(file=file):
            flows = [azfiles.FileClient.upload.flow(file.target.child(str(n)), b"x" * 100) for n in range(3)]
            return (yield Gather(flows, 3))

        client.share("data").directory("a").create()
        client.runner.run(work())
        traces.append([(step.branch, step.effect) for step in client.runner.trace])
    assert traces[0] == traces[1] == traces[2]


def test_an_observer_that_fails_breaks_nothing_and_is_logged_once(caplog):
    kept = Kept()

    def broken(event):
        raise RuntimeError("no room on the dashboard")

    share = World().client(broken, kept).share("data")
    with caplog.at_level(logging.ERROR, "azfiles.observers"):
        share.get_properties()
        share.get_properties()
    assert len(caplog.records) == 1
    assert "OperationBegan" in caplog.text
    assert "no room on the dashboard" in caplog.text
    assert len(kept.of(OperationEnded)) == 2


def test_an_interrupt_in_an_observer_is_no_error_of_its_and_ends_the_call():
    def interrupted(event):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        World().client(interrupted).share("data").get_properties()


async def later(event):
    """Nobody awaits it."""


@pytest.mark.parametrize(("wrong", "word"), [(later, "async"), ("a log", "str"), (None, "NoneType")])
def test_what_cannot_be_an_observer_is_refused_when_connecting(wrong, word):
    with pytest.raises(azfiles.InvalidArgument, match=word):
        azfiles.connect("UseDevelopmentStorage=true", observers=[wrong])


def test_each_client_has_an_id_of_its_own_and_what_comes_from_it_shares_it():
    kept = Kept()
    world = World()
    one, other = world.client(kept), world.client(kept)
    one.share("data").get_properties()
    one.share("data").with_retry(None).get_properties()
    other.share("data").get_properties()
    ids = [event.client_id for event in kept.of(OperationEnded)]
    assert ids[0] == ids[1] != ids[2]


def test_a_client_without_observers_has_nobody_to_tell():
    session = World().client().target.session
    assert session.watch is NOBODY
    assert session.health._changed is None


def test_a_busy_service_lowers_the_limit_and_good_answers_lift_it_again():
    kept = Kept()
    client = World(once(None, BUSY, BUSY)).client(kept)
    file = client.share("data").file("a")
    file.create(4)
    file.put_range(0, b"abcd")
    for _ in range(3):
        file.put_range(0, b"abcd")
    changes = [(event.former_limit, event.limit) for event in kept.of(ThrottlingChanged)]
    assert changes[0] == (None, 1)
    assert [former for former, _ in changes[1:]] == [limit for _, limit in changes[:-1]]
    assert changes[-1][1] > 1


@pytest.mark.parametrize(
    ("endpoint", "label"),
    [
        (Endpoint("https://myaccount.file.core.windows.net", "myaccount"), "file.core.windows.net"),
        (Endpoint("https://myaccount-secondary.file.core.windows.net", "myaccount"), "file.core.windows.net"),
        (Endpoint("https://myaccount.z12.file.storage.azure.net", "MyAccount"), "z12.file.storage.azure.net"),
        (Endpoint("http://127.0.0.1:10004", "myaccount", ("myaccount",)), "127.0.0.1:10004"),
        (Endpoint("http://localhost", "myaccount", ("myaccount",)), "localhost:80"),
        (Endpoint("https://files.example.com", "myaccount"), "files.example.com"),
    ],
)
def test_the_endpoint_is_told_without_the_account(endpoint, label):
    assert label_of(endpoint) == label


@pytest.mark.parametrize(
    ("operation", "template"),
    [
        (service.list_shares(prefix="secret"), "/?comp=list"),
        (shares.get_share_statistics("data"), "/{share}?restype=share&comp=stats"),
        (files.get_file_properties("data", ("a", "b"), snapshot="2026-01-01T00:00:00.0000000Z"), "/{share}/{path}"),
    ],
)
def test_a_template_of_a_url_has_the_words_of_the_protocol_and_no_name(operation, template):
    assert url_template(operation) == template


def test_a_code_that_is_none_of_the_services_and_a_strange_request_id_are_not_told():
    kept = Kept()
    odd = Reply(409, "", (("x-ms-error-code", "sig=abc+/def=="), ("x-ms-request-id", "Bearer abcdefgh")))
    with pytest.raises(azfiles.Conflict):
        World(lambda _: odd).client(kept, retry=None).share("data").get_properties()
    [ended] = kept.of(OperationEnded)
    assert (ended.error_code, ended.request_id) == ("Unrecognised", "")
