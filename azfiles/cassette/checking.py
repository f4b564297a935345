"""Whether a cassette replays: each request of the session that it was made from finds its own answer again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from azfiles.cassette.bodies import StoredBody
from azfiles.cassette.document import read_cassette
from azfiles.cassette.hashes import wrong_hash
from azfiles.cassette.interactions import Interaction, Lost, RecordedRequest, RecordedResponse, turn_of
from azfiles.cassette.lease_ids import map_lease_ids, normalize_lease_id
from azfiles.cassette.operations import carries_response_data, operation_of
from azfiles.cassette.tape import Tape
from azfiles.errors import CassetteError, NotRecorded

_NO_LEASES: Mapping[str, str] = {}


def check_replay(
    path: str | os.PathLike[str],
    session: Sequence[Interaction],
    *,
    secrets: Iterable[str] = (),
    leases: Mapping[str, str] = _NO_LEASES,
) -> None:
    """Replay the cassette once. ``session`` is what it was made from, unscrubbed, in the same order; ``leases`` are live
    lease ids in it that stand for others.

    Raises ``CassetteError`` where a request does not get the answer at its own place, alike in status and reason and, of
    a file's content, in length and with hashes that are right, if they were.
    """
    tape = Tape(read_cassette(path), source=os.fspath(path), secrets=secrets)
    if len(tape) != len(session):
        raise CassetteError(f"the recording does not replay: {len(tape)} of {len(session)} interactions came back")
    given = dict(leases)  # of those that the service chose: what it said in the session -> what the replay says
    for number, live in sorted(enumerate(session, 1), key=lambda item: turn_of(item[1], item[0])):
        try:
            answer = tape.answer(_with_lease_ids(live.request, given))
        except NotRecorded as error:
            raise CassetteError(f"the recording does not replay, at request {number}: {error}") from None
        if answer.number != number:
            raise CassetteError(f"the recording does not replay: request {number} got the answer of {answer.number}")
        if _outcome(answer.response) != _outcome(live.response):
            raise CassetteError(f"the recording does not replay: request {number} got another answer than it had")
        _check_content(number, live, answer.response)
        given |= zip(_lease_ids(live.response), _lease_ids(answer.response), strict=False)


def _check_content(number: int, live: Interaction, answer: RecordedResponse | Lost) -> None:
    recorded = live.response
    if isinstance(recorded, Lost) or isinstance(answer, Lost):
        return
    if not carries_response_data(live.request, operation_of(live.request), recorded.status):
        return
    if len(answer.body) != len(recorded.body):
        raise CassetteError(
            f"the recording does not replay: request {number} got {len(answer.body)} bytes, not {len(recorded.body)}"
        )
    overwritten = isinstance(recorded.body, StoredBody) or answer.body != recorded.body
    if overwritten and (name := wrong_hash(live.request, answer)) and not wrong_hash(live.request, recorded):
        raise CassetteError(
            f"the recording does not replay: request {number}: a secret in the content was overwritten, and {name} is wrong"
        )


def _with_lease_ids(request: RecordedRequest, given: Mapping[str, str]) -> RecordedRequest:
    """The request as the session's client would have sent it after the replay's answers."""
    if not any(ours != theirs for ours, theirs in given.items()):
        return request
    headers = tuple((name, map_lease_ids(value, given)) for name, value in request.headers)
    return replace(request, uri=map_lease_ids(request.uri, given), headers=headers)


def _lease_ids(response: RecordedResponse | Lost) -> list[str]:
    if isinstance(response, Lost):
        return []
    return [normalize_lease_id(value) for name, value in response.headers if name.lower() == "x-ms-lease-id"]


def _outcome(response: RecordedResponse | Lost) -> tuple[object, ...]:
    if isinstance(response, Lost):
        return "lost", response.sent
    return response.status, response.reason


__all__ = ["check_replay"]
