"""Cassettes of every kind are held to the simulator, and rebuilt in it: ours, of every style, with every mishap."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import azfiles
from azfiles.cassette import cache
from azfiles.cassette.document import read_cassette
from azfiles.cassette.interactions import Lost
from azfiles.cassette.writing import write_cassette
from azfiles.core import sharedkey
from azfiles.errors import CassetteError
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.faults import LoseReply, LoseRequest, Outcome, Refuse, Rule, Script
from azfiles_sim.testing import from_cassette, verify_cassette
from azfiles_sim.testing.cassettes import instants, signing
from azfiles_sim.testing.cassettes.comparing import compare
from azfiles_sim.testing.cassettes.correspondence import Correspondence
from azfiles_sim.testing.cassettes.sessions import Answer, load_session
from azfiles_sim.testing.cassettes.timeline import Timeline
from azfiles_sim.testing.cassettes.verifying import behaviour_of
from azfiles_sim.testing.conformance.bearer_tokens import Tokens
from azfiles_sim.testing.targets import NEWEST_VERSION
from tests.proof import some

BEGAN = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
EMULATOR = "UseDevelopmentStorage=true"
HOST_STYLE = f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net"
KEY = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY)


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, "off")


def record(
    path: Path,
    session: Callable[[azfiles.ServiceClient], object],
    *,
    before: Callable[[azfiles.ServiceClient], object] = lambda _: None,
    faults: Script | None = None,
    style: str = EMULATOR,
) -> Path:
    """Record a session with a simulator in which something was done before."""
    clock = ManualClock(BEGAN)
    simulator = Simulator(clock=clock)
    inside = azfiles.InProcessTransport(simulator.handle)
    before(azfiles.connect(EMULATOR, transport=inside, clock=clock, seed=2))
    clock.advance(60)
    simulator.faults.plan = faults
    with azfiles.recording(inside, path, clock=clock) as recorder:
        credential = None if style == EMULATOR else KEY
        session(azfiles.connect(style, credential, transport=recorder, clock=clock, seed=1))
    return path


def drift(path: Path, **options: str) -> list[str]:
    return [str(one) for one in verify_cassette(path, **options).drift]


def at_the_end(path: Path) -> azfiles.ServiceClient:
    simulator = from_cassette(path)
    clock = simulator.clock
    assert isinstance(clock, ManualClock)
    return azfiles.connect(EMULATOR, transport=azfiles.InProcessTransport(simulator.handle), clock=clock)


def copy_and_list(client: azfiles.ServiceClient) -> None:
    """What names the account in answers: lists, copy sources, refusals."""
    share = client.share("data")
    share.create()
    share.file("f").create(4)
    share.file("g").start_copy(share.file("f"))
    share.file("g").get_properties()
    list(client.list_shares())
    list(share.root.list())
    with pytest.raises(azfiles.NotFound):
        share.file("none").get_properties()


@pytest.mark.parametrize("style", [EMULATOR, HOST_STYLE])
def test_a_session_in_either_style_of_addresses_is_still_true(tmp_path: Path, style: str):
    path = record(tmp_path / "a.yaml", copy_and_list, style=style)
    assert ("127.0.0.1" in path.read_text()) == (style == EMULATOR)
    assert drift(path) == []
    assert at_the_end(path).share("data").file("g").get_properties().size == 4


def test_what_was_there_before_is_made_as_far_as_the_answers_tell(tmp_path: Path):
    def before(client: azfiles.ServiceClient) -> None:
        share = client.share("old")
        share.create(metadata={"kept": "yes"}, quota_gib=9)
        share.directory("d").create()
        share.file("d/f").create(8, metadata={"of": "file"})
        share.file("d/f").put_range(0, b"contents")
        share.file("d/unseen").create(3)

    def session(client: azfiles.ServiceClient) -> None:
        share = client.share("old")
        share.get_properties()
        share.file("d/f").get()
        share.file("d/new").create(1)

    path = record(tmp_path / "a.yaml", session, before=before)
    assert drift(path) == []
    share = at_the_end(path).share("old")
    assert share.get_properties().quota_gib == 9
    assert share.file("d/f").get().content == b"contents"
    assert share.file("d/f").get_metadata().metadata == {"of": "file"}
    assert [entry.name for entry in share.directory("d").list()] == ["f", "new"]


def test_an_escaped_slash_in_a_path_is_as_good_as_a_slash(tmp_path: Path):
    """The official SDK for Python escapes them; what is there before is made below its directory all the same."""

    def before(client: azfiles.ServiceClient) -> None:
        client.share("old").create()
        client.share("old").directory("d").create()
        client.share("old").file("d/f").create(3)

    path = record(tmp_path / "a.yaml", lambda client: client.share("old").file("d/f").get_properties(), before=before)
    path.write_text(path.read_text().replace("/old/d/f", "/old/d%2Ff"))
    assert drift(path) == []
    assert at_the_end(path).share("old").file("d/f").get_properties().size == 3


# --- mishaps ----------------------------------------------------------------------------------------------------------


def one_of_each(client: azfiles.ServiceClient) -> None:
    share = client.share("data")
    share.create()
    file = share.file("f")
    file.create(8)
    file.put_range(0, b"contents")
    lease = file.acquire_lease()
    file.release_lease(lease.id)
    file.rename("g")
    share.file("g").get()
    share.file("h").create(1)
    share.file("h").delete()


OPERATIONS = (
    "Create Share",
    "Create File",
    "Put Range",
    "Lease File (acquire)",
    "Rename File",
    "Get File",
    "Delete File",
)
MISHAPS = [
    (operation, outcome) for outcome in (LoseReply(), LoseRequest(), Refuse("ServerBusy")) for operation in OPERATIONS
]


@pytest.mark.parametrize(("operation", "outcome"), some(MISHAPS, len(OPERATIONS)), ids=str)
def test_a_mishap_of_any_operation_is_followed_both_ways(tmp_path: Path, operation: str, outcome: Outcome):
    faults = Script((Rule(outcome, operations=(f"{operation}*",), nth=(1,)),))
    path = record(tmp_path / "a.yaml", one_of_each, faults=faults)
    lost = [one for one in read_cassette(path) if isinstance(one.response, Lost)]
    assert len(lost) == (0 if isinstance(outcome, Refuse) else 1)
    assert drift(path) == []
    share = at_the_end(path).share("data")
    assert [entry.name for entry in share.root.list()] == ["g"]
    assert share.file("g").get().content == b"contents"


def test_many_mishaps_whose_outcome_nobody_can_tell_do_not_hide_one_that_can_be_told(tmp_path: Path):
    """A write that is repeated is the same, carried out once or twice; whether the last deletion was is told by the 404."""

    def session(client: azfiles.ServiceClient) -> None:
        client.share("data").create()
        file = client.share("data").file("f")
        file.create(8)
        for number in range(8):
            file.put_range(number, b"x")
        file.delete()

    every_other = Rule(LoseReply(), operations=("Put Range*",), nth=tuple(range(1, 16, 2)))
    faults = Script((every_other, Rule(LoseReply(), operations=("Delete File",), nth=(1,))))
    path = record(tmp_path / "a.yaml", session, faults=faults)
    assert sum(isinstance(one.response, Lost) for one in read_cassette(path)) == 9
    assert drift(path) == []


@pytest.mark.parametrize("came_through", [True, False])
def test_whether_a_lost_write_came_through_is_told_by_what_was_read_later(tmp_path: Path, *, came_through: bool):
    def session(client: azfiles.ServiceClient) -> None:
        file = client.share("data").file("f")
        client.share("data").create()
        file.create(4)
        with pytest.raises(azfiles.TransportError):
            file.with_retry(None).put_range(0, b"lost")
        file.get()

    faults = Script((Rule(LoseReply() if came_through else LoseRequest(), operations=("Put Range*",)),))
    path = record(tmp_path / "a.yaml", session, faults=faults)
    assert drift(path) == []
    assert at_the_end(path).share("data").file("f").get().content == (b"lost" if came_through else bytes(4))


def test_a_lost_write_cannot_excuse_what_it_did_not_do(tmp_path: Path):
    def session(client: azfiles.ServiceClient) -> None:
        file = client.share("data").file("f")
        client.share("data").create()
        file.create(4)
        with pytest.raises(azfiles.TransportError):
            file.with_retry(None).put_range(0, b"lost")
        file.get()

    path = record(tmp_path / "a.yaml", session, faults=Script((Rule(LoseReply(), operations=("Put Range*",)),)))
    found = read_cassette(path)
    answer = found[-1].response
    assert not isinstance(answer, Lost)
    write_cassette(path, [*found[:-1], replace(found[-1], response=replace(answer, body=b"else"))])
    assert len(drift(path)) == 1
    assert drift(path)[0].startswith("body from byte 0: recorded b'else'")


# --- credentials ------------------------------------------------------------------------------------------------------


def test_a_session_in_a_users_name_is_played_with_the_accounts_key(tmp_path: Path):
    """The key was given to a token that nobody has any more, and what it signed cannot be signed again."""
    clock = ManualClock(BEGAN)
    simulator = Simulator(clock=clock, bearer="development")
    path = tmp_path / "a.yaml"
    with azfiles.recording(azfiles.InProcessTransport(simulator.handle), path, clock=clock) as recorder:
        client = azfiles.connect(
            HOST_STYLE, Tokens(BEGAN), transport=recorder, clock=clock, seed=1, api_version=NEWEST_VERSION
        )
        share = client.share("data")
        share.create()
        share.file("f").create(4)
        key = client.get_user_delegation_key(expires_at=timedelta(hours=1))
        sas = share.file("f").make_user_delegation_sas(key)
        guest = azfiles.connect(HOST_STYLE, sas, transport=recorder, clock=clock, seed=3)
        guest.share("data").file("f").get()
    text = path.read_text()
    assert "skoid=" in text
    assert key.value not in text
    assert drift(path) == []
    assert at_the_end(path).share("data").file("f").get_properties().size == 4


def test_what_was_refused_for_its_signature_changes_nothing(tmp_path: Path):
    """The recording holds no signature, so it is not known beforehand that this one was wrong."""
    clock = ManualClock(BEGAN)
    simulator = Simulator(clock=clock)
    path = tmp_path / "a.yaml"
    with azfiles.recording(azfiles.InProcessTransport(simulator.handle), path, clock=clock) as recorder:
        client = azfiles.connect(HOST_STYLE, KEY, transport=recorder, clock=clock, seed=1)
        client.share("data").create()
        wrong = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, "d3Jvbmc=")
        stranger = azfiles.connect(HOST_STYLE, wrong, transport=recorder, clock=clock, seed=2)
        with pytest.raises(azfiles.AuthenticationFailed):
            stranger.share("data").delete()
        client.share("data").get_properties()
    assert drift(path) == []
    assert at_the_end(path).share("data").get_properties().quota_gib > 0


def test_the_referee_signs_as_the_client_does_though_it_is_written_apart():
    """Also where the service's own order of names is not that of their letters, and where a Date is overruled."""
    headers = (
        ("x-ms-meta-a1", "one"),
        ("x-ms-meta-a_b", " two "),
        ("x-ms-meta-a-c", "three"),
        ("x-ms-date", "Wed, 06 May 2026 07:08:09 GMT"),
        ("Date", "Wed, 06 May 2026 07:08:00 GMT"),
        ("Content-Length", "0"),
    )
    target = "/data/a%20b?comp=metadata&restype=directory&timeout=5"
    ours = signing.authorization(KEY.account, KEY.secret, "PUT", target, headers)
    assert ours == sharedkey.authorization(KEY, method="PUT", target=target, headers=headers)


def test_what_was_masked_agrees_with_anything_and_all_else_does_not():
    known = Correspondence(begun=0)
    recorded = Answer(403, "No", (("x", "a?sig=REDACTED&b=1"),))
    assert compare(0, recorded, replace(recorded, headers=(("x", "a?sig=other&b=1"),)), known) == []
    (found,) = compare(0, recorded, replace(recorded, headers=(("x", "a?sig=other&b=2"),)), known)
    assert found.field == "x"


# --- recordings of others ---------------------------------------------------------------------------------------------


def as_proxy_recording(path: Path) -> Path:
    """The same session as the Azure SDKs' test proxy would have it: no reasons, no request ids, values taken apart."""

    def headers(pairs: tuple[tuple[str, str], ...]) -> dict[str, object]:
        kept = {name.upper(): value for name, value in pairs if "request-id" not in name}
        return {name: value.split(" ") if name == "SERVER" else value for name, value in kept.items()}

    entries = []
    for one in read_cassette(path):
        assert not isinstance(one.response, Lost)
        assert isinstance(one.response.body, bytes)
        entries.append(
            {
                "RequestUri": one.request.uri,
                "RequestMethod": one.request.method,
                "RequestHeaders": dict(one.request.headers),
                "RequestBody": None,
                "StatusCode": one.response.status,
                "ResponseHeaders": headers(one.response.headers),
                "ResponseBody": one.response.body.decode() or None,
            }
        )
    written = path.with_suffix(".json")
    written.write_text(json.dumps({"Entries": entries, "Variables": {}}))
    return written


def test_a_recording_of_the_test_proxy_is_held_to_what_it_kept(tmp_path: Path):
    path = as_proxy_recording(record(tmp_path / "a.yaml", copy_and_list))
    assert drift(path) == []
    text = path.read_text()
    path.write_text(text.replace('"X-MS-TYPE": "File"', '"X-MS-TYPE": "Directory"'))
    assert drift(path) == ["x-ms-type: recorded 'Directory', simulated 'File'"]


@pytest.mark.parametrize(
    ("year", "behaviour"), [("2019", "2019"), ("2022", "2022"), ("2025", "today"), ("none", "today")]
)
def test_a_recordings_date_tells_which_years_service_it_is_held_to(tmp_path: Path, year: str, behaviour: str):
    path = record(tmp_path / "a.yaml", copy_and_list)
    path.write_text(path.read_text().replace(" May 2026 ", f" May {year} "))
    assert behaviour_of(load_session(path)) == behaviour


def test_a_recording_can_be_held_to_another_years_service(tmp_path: Path):
    """In 2019 a write did not change the time of the last write; today it does."""

    def session(client: azfiles.ServiceClient) -> None:
        file = client.share("data").file("f")
        client.share("data").create()
        file.create(4)
        file.put_range(0, b"abcd")
        file.get_properties()

    path = record(tmp_path / "a.yaml", session)
    assert verify_cassette(path).behaviour == "today"
    assert drift(path) == []
    assert any("last-write" in one for one in drift(path, behaviour="2019"))


@pytest.mark.parametrize(("name", "value"), [("x-ms-blob-type", "PageBlob"), ("x-ms-page-write", "update")])
def test_a_session_with_blob_storage_is_refused(tmp_path: Path, name: str, value: str):
    path = record(tmp_path / "a.yaml", copy_and_list)
    path.write_text(path.read_text().replace("      x-ms-type:\n      - file\n", f"      {name}:\n      - {value}\n"))
    with pytest.raises(CassetteError, match="a session with Blob Storage"):
        verify_cassette(path)


# --- time -------------------------------------------------------------------------------------------------------------


def test_an_instant_within_a_second_is_told_by_the_recorders_clock_where_that_is_the_services():
    second = instants.from_http_date("Wed, 06 May 2026 07:08:09 GMT")
    timeline = Timeline()
    assert timeline.within(second, 3.0) == second
    timeline.learn(second + 5_000_000, 1.0)
    assert timeline.within(second + instants.SECOND, 2.25) == second + 17_500_000
    assert timeline.within(second + instants.SECOND, None) == second + instants.SECOND
    assert timeline.within(second + 5 * instants.SECOND, 2.0) == second + 5 * instants.SECOND
    timeline.learn(second + 6_000_000, 2.0)  # the service's clock stands still
    assert timeline.within(second + instants.SECOND, 2.9) == second + instants.SECOND


def test_what_is_left_of_a_lease_is_told_to_the_second_by_the_recorders_clock(tmp_path: Path):
    """It is taken at 1.9 s, of which the date tells 1: at 11 s 51 s are left, begun ones counted, and not 50."""
    clock = ManualClock(BEGAN)
    simulator = Simulator(clock=clock)
    path = tmp_path / "a.yaml"
    with azfiles.recording(azfiles.InProcessTransport(simulator.handle), path, clock=clock) as recorder:
        share = azfiles.connect(EMULATOR, transport=recorder, clock=clock, seed=1).share("data")
        share.create()
        clock.advance(1.9)
        share.acquire_lease(60)
        clock.advance(9.1)
        assert share.break_lease().remaining_s == 51
    assert drift(path) == []


def test_a_lease_ends_in_the_rebuilt_state_when_it_would_have_ended(tmp_path: Path):
    def session(client: azfiles.ServiceClient) -> None:
        client.share("data").create()
        client.share("data").acquire_lease(60)

    path = record(tmp_path / "a.yaml", session)
    simulator = from_cassette(path)
    clock = simulator.clock
    assert isinstance(clock, ManualClock)
    client = azfiles.connect(EMULATOR, transport=azfiles.InProcessTransport(simulator.handle), clock=clock)
    clock.advance(58)
    assert client.share("data").get_properties().lease.state == "leased"
    clock.advance(3)
    assert client.share("data").get_properties().lease.state == "expired"
