from __future__ import annotations

import pytest

from azfiles.core import files, shares
from azfiles.credentials import Token
from azfiles.errors import InvalidArgument, NotFound
from azfiles.flows.call import call, on_path, on_share
from azfiles.flows.effects import NewId, Send, WallClock
from azfiles.flows.effects import Token as AskToken
from tests.flows.feeding import feed, response, target


def answer(request):
    return response(404, x_ms_error_code="ShareNotFound")


def effects_of(seen):
    return [type(effect) for effect in seen]


def test_a_call_reads_the_clock_takes_an_id_and_sends_once():
    seen = []
    operation = shares.get_share_properties("data")
    with pytest.raises(NotFound) as refusal:
        feed(call(target().session, operation), answer, seen)
    assert refusal.value.code == "ShareNotFound"
    assert effects_of(seen) == [WallClock, NewId, Send]
    headers = dict(seen[2].request.headers)
    assert headers["x-ms-date"] == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert headers["x-ms-client-request-id"] == "00000000-0000-4000-8000-000000000000"
    assert headers["Authorization"].startswith("SharedKey devstoreaccount1:")
    assert seen[2].timeout_s == target().session.timeouts.metadata_s


class Credential:
    def get_token(self, *scopes, **_):
        raise AssertionError("a flow asks its runner, never the credential")


def test_a_token_credential_is_asked_through_the_runner_with_the_storage_scope():
    seen = []
    session = target(credential=Token(Credential())).session
    with pytest.raises(NotFound):
        feed(call(session, files.get_file_properties("data", ("f",))), answer, seen)
    assert effects_of(seen) == [AskToken, WallClock, NewId, Send]
    assert seen[0].scope == "https://storage.azure.com/.default"
    assert dict(seen[3].request.headers)["Authorization"] == "Bearer bearer"


def test_the_snapshot_of_a_target_goes_into_operations_that_read():
    seen = []
    with pytest.raises(NotFound):
        feed(on_path(files.get_file_properties)(target("f", snapshot="2026-01-01T00:00:00.0000000Z")), answer, seen)
    assert seen[-1].request.target == "/data/f?sharesnapshot=2026-01-01T00%3A00%3A00.0000000Z"


@pytest.mark.parametrize(("said", "meant"), [("older", "older"), (None, "old")])
def test_a_snapshot_said_in_the_call_wins_over_the_targets_and_none_says_nothing(said, meant):
    seen = []
    flow = on_path(files.get_file_properties)(target("f", snapshot="old"), snapshot=said)
    with pytest.raises(NotFound):
        feed(flow, answer, seen)
    assert seen[-1].request.target.endswith(f"={meant}")


def test_an_operation_that_writes_is_refused_on_a_snapshot_before_anything_happens():
    seen = []
    for flow in (on_path(files.delete_file), on_share(shares.set_share_quota)):
        with pytest.raises(InvalidArgument, match="can only be read"):
            feed(flow(target("f", snapshot="old"), *([] if flow.__name__ == "delete_file" else [5])), answer, seen)
    assert seen == []
