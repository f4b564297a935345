"""Whatever is sent, the simulator answers: never 500, never late, and nothing of what it refuses is kept.

``AZFILES_PROOF=1`` sends a hundred thousand requests, going on where it was interrupted, otherwise a few thousand. A failure names the seed and the
number of its request; ``make_request`` makes it again.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Final

import pytest

from azfiles_sim import Connection, Reply, Request
from azfiles_sim.model.invariants import check
from azfiles_sim.server.framing import frame
from tests.proof import FOLDER, PROVING, Count
from tests.versions.examples import EXAMPLES, LEASE, new_world
from tests.wire.asking import Asker, code, service_sas

from .spoiling import Draft, finish, spoil

PROOF: Final = PROVING
EPISODE: Final = 100
"""Requests to one world, one after the other; its invariants are checked at the end."""
EPISODES: Final = 100 if PROOF else 3
SEEDS: Final = range(10)
LIMIT_S: Final = 2.0
"""CPU seconds that one request may take: hundreds of times what the slowest of them needs."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
NUMBERS: Final = sorted(EXAMPLES)
WORLDS: Final = (("SMB", "standard"), ("NFS", "premium"), ("SMB", "provisioned"))
"""The share's protocol and the kind of its account, one world after the other."""


def ready_world(episode: int = 0) -> tuple[Asker, dict[str, str]]:
    """A world in which nearly every example finds what it needs: open handles, a permission, a copy, a snapshot."""
    asker = new_world(*WORLDS[episode % len(WORLDS)])
    filling: dict[str, str] = {"lease": LEASE}
    for number in ("H13", "D9", "F14"):
        prepare = EXAMPLES[number].prepare
        assert prepare is not None
        filling.update(prepare(asker))
    assert asker.ask("PUT", "/data?restype=share&comp=snapshot").status == 201
    return asker, filling


def make_request(seed: int, number: int, filling: dict[str, str], date: str) -> tuple[Draft, Request, Connection]:
    random = Random(f"{seed}:{number}")
    draft = spoil(random.choice(NUMBERS), random, filling)
    return draft, *finish(draft, random, date)


@contextmanager
def watchdog() -> Iterator[None]:
    """Breaks in where a request never ends."""

    def bite(number: int, frame: object) -> None:
        raise AssertionError("a request hangs")

    former = signal.signal(signal.SIGALRM, bite)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def judge(asker: Asker, request: Request, connection: Connection) -> tuple[Reply, float]:
    """Send one request, check the answer and what it left, and tell how long it took."""
    store = asker.simulator._service.store
    before = store.view()
    signal.setitimer(signal.ITIMER_REAL, 30 * LIMIT_S)
    began = time.thread_time()
    reply = asker.simulator.handle(request, connection)
    taken = time.thread_time() - began
    assert isinstance(reply, Reply)
    assert 200 <= reply.status < 600
    assert reply.status != 500
    if reply.status >= 300:
        assert code(reply), "an error says its code"
        assert store.view() is before, "what is refused changes nothing"
    elif request.method in SAFE:
        assert store.view() is before, "reading changes nothing"
    assert taken < LIMIT_S, f"{taken} s"
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in reply.headers)
    assert all(isinstance(view, memoryview) for view in reply.body)
    if not any(mark in name + value for name, value in request.headers for mark in "\r\n\0"):
        frame(reply, to_head=request.method == "HEAD")  # raises where a header would be read as two
    return reply, taken


@pytest.mark.requirement("NF-001")
@pytest.mark.parametrize("seed", SEEDS)
def test_malformed_requests_are_answered_and_leave_nothing_behind(seed: int) -> None:
    count = Count(f"fuzz-{seed}", seed, folder=FOLDER if PROOF else None)
    answers: Counter[str] = Counter()
    slowest = 0.0
    with watchdog():
        for episode in range(count.figures["episodes"], EPISODES):
            classes: Counter[str] = Counter()
            asker, filling = ready_world(episode)
            for place in range(EPISODE):
                number = episode * EPISODE + place
                draft, request, connection = make_request(seed, number, filling, asker.date())
                try:
                    reply, taken = judge(asker, request, connection)
                except BaseException as fault:
                    fault.add_note(f"seed {seed}, request {number}, {draft.done}: {str(request)[:3000]}")
                    raise
                slowest = max(slowest, taken)
                answers[code(reply) or str(reply.status)] += 1
                classes[f"{reply.status // 100}xx"] += 1
            check(asker.simulator._service.store.view())
            # A 500 and a hang end the test before they are counted.
            count.figures.update({"episodes": 1, "requests": EPISODE, **classes, "500s": 0, "hangs": 0})
            count.save()
    print(f"seed {seed}: {answers.total()} requests, slowest {slowest * 1000:.1f} ms, {answers.most_common()}")
    refused = answers["AuthenticationFailed"] + answers["NoAuthenticationInformation"]
    if answers.total() >= 3 * EPISODE:  # a run that goes on may have little left to do
        assert refused < 0.5 * answers.total(), "most requests get past authentication"
        assert len(answers) > 20, answers
    assert count.figures["requests"] == EPISODES * EPISODE


def test_a_write_is_seen_in_the_state_that_the_fuzzer_compares() -> None:
    asker, _ = ready_world()
    before = asker.simulator._service.store.view()
    assert asker.ask("PUT", "/data/d/f?comp=metadata", ("x-ms-meta-a", "1")).status == 200
    assert asker.simulator._service.store.view() is not before


def test_a_request_is_made_again_by_its_seed_and_number() -> None:
    asker, filling = ready_world()
    one, other = (make_request(7, 11, filling, asker.date()) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "\x00", "\x7f"])
def test_a_signature_cannot_put_a_line_break_into_a_reply(value: str) -> None:
    """Found by the fuzzer: the reply could not be sent, and its connection was cut."""
    reply = new_world().with_sas("GET", "/data/d/f", service_sas("data/d/f", rsct=value))
    assert (reply.status, code(reply)) == (400, "InvalidQueryParameterValue")
    frame(reply)
