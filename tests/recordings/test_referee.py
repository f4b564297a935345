"""The referee itself: what agrees is passed, and a recorded answer altered in any one place is reported."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from vcr.request import Request as VcrRequest  # type: ignore[import-untyped]  # vcrpy has no type information
from vcr.serialize import serialize  # type: ignore[import-untyped]  # vcrpy has no type information
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # vcrpy has no type information

from azfiles.errors import CassetteError
from azfiles_sim.testing.cassettes import instants
from azfiles_sim.testing.cassettes.comparing import Difference
from azfiles_sim.testing.cassettes.correspondence import (
    ETAG,
    FILE_ID,
    FILE_TIME,
    MARKER,
    PERMISSION_KEY,
    Correspondence,
    names_in_marker,
)
from azfiles_sim.testing.cassettes.preparing import plan
from azfiles_sim.testing.cassettes.referee import HOST, Referee, judge
from azfiles_sim.testing.cassettes.sessions import Answer, Session, header, load_session
from azfiles_sim.testing.cassettes.signing import signed_again
from azfiles_sim.testing.cassettes.staging import AccountFacts, FileFacts, deduce, deduce_account

from .described import STORIES_2019, STORIES_TODAY
from .folder import FOLDER_VARIABLE, find_recordings, recordings_folder
from .known_differences import Known
from .stories import FILE, FILE_SHOWN, PATTERN, UPDATE, Story

SHARE, CREATED, WRITTEN, SNAPSHOT, LISTED, GONE, GONE_HEAD, READ = range(8)


def _asked() -> Session:
    """A session that uses every part of an answer; its answers are only good for the times that they tell."""
    story = Story("asked", version="2019-02-02")
    smb = (
        ("x-ms-file-attributes", "Archive"),
        ("x-ms-file-creation-time", "2019-05-09T01:33:52.1234567Z"),
        ("x-ms-file-last-write-time", "Now"),
        ("x-ms-file-permission", "Inherit"),
    )
    story.ask("PUT", "/data?restype=share", 201, stamp=0)
    story.ask("PUT", "/data/filea1", 201, send=FILE + smb, stamp=0)
    story.ask("PUT", "/data/filea1?comp=range", 201, send=UPDATE, body=PATTERN, stamp=0)
    story.ask("PUT", "/data?restype=share&comp=snapshot", 201)
    story.ask("GET", "/?comp=list&include=snapshots&prefix=da", 200, document="<EnumerationResults />")
    story.refuse("GET", "/data/none", 404, "ResourceNotFound", "")
    story.refuse("HEAD", "/data/none", 404, "ResourceNotFound", "")
    story.ask("GET", "/data/filea1", 206, send=(("x-ms-range", "bytes=0-15"),))
    return story.session()


@pytest.fixture(scope="module")
def agreed() -> Session:
    """The session with the simulator's own answers as the recorded ones."""
    session = _asked()
    referee = Referee(session)
    referee.prepare()
    return replace(session, interactions=tuple(replace(one, answer=referee.play(one)) for one in session.interactions))


def _altered(session: Session, number: int, alter: Callable[[Answer], Answer]) -> Session:
    changed = list(session.interactions)
    changed[number] = replace(changed[number], answer=alter(changed[number].answer))
    return replace(session, interactions=tuple(changed))


def _with_header(name: str, value: str | None) -> Callable[[Answer], Answer]:
    def alter(answer: Answer) -> Answer:
        others = tuple(pair for pair in answer.headers if pair[0] != name)
        return replace(answer, headers=others if value is None else (*others, (name, value)))

    return alter


def _with_body(old: bytes, new: bytes) -> Callable[[Answer], Answer]:
    def alter(answer: Answer) -> Answer:
        assert old in answer.body, answer.body
        return replace(answer, body=answer.body.replace(old, new))

    return alter


def test_a_session_with_the_simulators_own_answers_has_no_difference(agreed: Session) -> None:
    assert judge(agreed) == []


ALTERATIONS: dict[str, tuple[int, Callable[[Answer], Answer], str]] = {
    "another status": (CREATED, lambda answer: replace(answer, status=200), "status"),
    "another reason phrase": (GONE, lambda answer: replace(answer, reason="Not Found"), "reason"),
    "another error code": (GONE_HEAD, _with_header("x-ms-error-code", "ParentNotFound"), "x-ms-error-code"),
    "another error code in the body": (GONE, _with_body(b"<Code>Res", b"<Code>res"), "body Error/Code"),
    "another error text": (GONE, _with_body(b"<Message>The", b"<Message>the"), "body Error/Message"),
    "another request id in the body": (GONE, _with_body(b"RequestId:", b"RequestId:x"), "body RequestId"),
    "no time in the body": (GONE, _with_body(b"\nTime:", b"\nTime:x"), "body Time"),
    "another year in the body": (GONE, _with_body(b"\nTime:2019", b"\nTime:2018"), "body Time"),
    "a header's other value": (WRITTEN, _with_header("Content-MD5", "AAAA"), "Content-MD5"),
    "a header less": (WRITTEN, _with_header("x-ms-request-server-encrypted", None), "x-ms-request-server-encrypted"),
    "a header more": (SNAPSHOT, _with_header("x-ms-more", "1"), "x-ms-more"),
    "a header's other spelling": (READ, lambda a: _with_header("Etag", a.header("ETag"))(a), "Etag"),
    "an older clock": (READ, _with_header("Date", "Thu, 09 May 2019 01:30:00 GMT"), "Date"),
    "a date in another form": (LISTED, _with_header("Date", "2019-05-09"), "Date"),
    "a time that was asked for": (
        CREATED,
        _with_header("x-ms-file-creation-time", "2019-05-09T01:33:52.1234568Z"),
        "x-ms-file-creation-time",
    ),
    "an ETag that is none": (CREATED, _with_header("ETag", '"0xABC"'), "ETag"),
    "an ETag in another year": (WRITTEN, _with_header("ETag", '"0x8D6B93152518710"'), "ETag"),
    "Last-Modified apart from its ETag": (
        READ,
        _with_header("Last-Modified", "Thu, 09 May 2019 01:33:59 GMT"),
        "Last-Modified",
    ),
    "a parent that is not the root": (CREATED, _with_header("x-ms-file-parent-id", "1"), "x-ms-file-parent-id"),
    "a permission key of another form": (
        CREATED,
        _with_header("x-ms-file-permission-key", "one"),
        "x-ms-file-permission-key",
    ),
    "a snapshot within a second": (
        SNAPSHOT,
        _with_header("x-ms-snapshot", "2019-05-09T01:34:00.1000000Z"),
        "x-ms-snapshot",
    ),
    "another byte": (READ, _with_body(b"abc", b"abd"), "body from byte 2"),
    "a byte less": (READ, lambda answer: replace(answer, body=answer.body[:-1]), "body from byte 15"),
    "no byte order mark": (LISTED, _with_body(b"\xef\xbb\xbf", b""), "body from byte 0"),
    "another attribute": (LISTED, _with_body(b'="https', b'="http'), "body EnumerationResults"),
    "another order of elements": (
        LISTED,
        _with_body(b"<Prefix>da</Prefix><Shares>", b"<Shares><Prefix>da</Prefix>"),
        "body EnumerationResults/Shares",
    ),
    "another text in an element": (LISTED, _with_body(b"<Quota>5120", b"<Quota>5121"), "Properties/Quota"),
    "another spelling of an empty element": (
        LISTED,
        _with_body(b"<NextMarker />", b"<NextMarker></NextMarker>"),
        "NextMarker",
    ),
    "an element less": (LISTED, _with_body(b"<NextMarker />", b""), "body"),
    "another last element": (LISTED, _with_body(b"</EnumerationResults>", b"</EnumerationResults>\n"), "body tokens"),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_a_recorded_answer_altered_in_one_place_is_reported_there(agreed: Session, name: str) -> None:
    number, alter, field = ALTERATIONS[name]
    found = judge(_altered(agreed, number, alter))
    assert any(one.interaction == number and field in one.field for one in found), found


def test_two_swapped_etags_are_reported(agreed: Session) -> None:
    first, second = (agreed.interactions[number].answer.header("ETag") for number in (CREATED, WRITTEN))
    swapped = _altered(agreed, CREATED, _with_header("ETag", second))
    swapped = _altered(swapped, WRITTEN, _with_header("ETag", first))
    assert {"ETag"} <= {found.field for found in judge(swapped)}


def test_an_etag_that_a_write_left_as_it_was_is_reported(agreed: Session) -> None:
    same = agreed.interactions[CREATED].answer.header("ETag")
    found = judge(_altered(agreed, WRITTEN, _with_header("ETag", same)))
    assert "ETag" in {one.field for one in found}


def test_a_header_of_the_connection_alone_is_left_out(agreed: Session) -> None:
    assert judge(_altered(agreed, CREATED, _with_header("Connection", "close"))) == []


def test_a_header_that_comes_twice_is_not_the_same_as_once(agreed: Session) -> None:
    twice = _altered(agreed, CREATED, lambda a: replace(a, headers=(*a.headers, ("x-ms-version", "2019-02-02"))))
    assert [found.field for found in judge(twice)] == ["x-ms-version"]


def test_a_difference_says_where_and_why() -> None:
    assert str(Difference(3, "ETag", "a", None, "late")) == "#3 ETag: recorded 'a', simulated None (late)"


def test_a_known_difference_explains_exactly_itself() -> None:
    known = Known(1, "Vary", "Origin", None, "no rules")
    assert known.explains(Difference(1, "Vary", "Origin", None, "whatever"))
    assert not known.explains(Difference(2, "Vary", "Origin", None))
    assert not known.explains(Difference(1, "Vary", "Origin", ""))


# --- correspondence --------------------------------------------------------------------------------------------------


def test_made_up_values_go_together_one_to_one() -> None:
    known = Correspondence(begun=0)
    assert known.match(FILE_ID, "10", "20") is None
    assert known.match(FILE_ID, "10", "20") is None
    assert "another one in the simulator" in (known.match(FILE_ID, "10", "21") or "")
    assert "the same one in the simulator" in (known.match(FILE_ID, "11", "20") or "")
    assert known.translate(FILE_ID, "10") == "20"
    assert known.translate(FILE_ID, "12") == "12"


def test_an_etag_and_a_change_time_are_one_instant() -> None:
    known = Correspondence(begun=0)
    stamp = instants.from_file_time("2019-05-09T01:34:00.0000007Z")
    assert known.match(ETAG, f'"0x{stamp:X}"', f'"0x{stamp + 1:X}"') is None
    assert known.match(FILE_TIME, "2019-05-09T01:34:00.0000007Z", "2019-05-09T01:34:00.0000008Z") is None
    assert known.match(FILE_TIME, "2019-05-09T01:34:00.0000007Z", "2019-05-09T01:34:00.0000009Z") is not None


def test_instants_keep_their_order_and_stay_near() -> None:
    known = Correspondence(begun=0)
    base = instants.from_http_date("Thu, 09 May 2019 01:34:00 GMT")
    assert known.match(ETAG, f'"0x{base:X}"', f'"0x{base + 5:X}"') is None
    assert "order" in (known.match(ETAG, f'"0x{base + 1:X}"', f'"0x{base + 4:X}"') or "")
    assert "away" in (known.match(ETAG, f'"0x{base + 2:X}"', f'"0x{base + 3 * instants.SECOND:X}"') or "")


def test_a_marker_that_names_the_next_entry_is_not_made_up() -> None:
    known = Correspondence(begun=0, names=frozenset({"filea2"}))
    assert known.match(MARKER, "1!8!ZmlsZWEy", "1!8!ZmlsZWEy") is None
    assert known.match(MARKER, "1!8!ZmlsZWEy", "1!8!ZmlsZWEz") is not None
    assert known.match(MARKER, "1!4!AAAA", "1!8!AAAAAAAA") is None
    assert "length" in (known.match(MARKER, "1!4!AAAB", "1!9!AAAAAAAB") or "")
    assert names_in_marker("/account/next") == {"next"}
    assert names_in_marker("1!4!!!!!") == set()
    assert names_in_marker("neither") == set()


def test_a_permission_key_has_two_numbers() -> None:
    assert Correspondence(begun=0).match(PERMISSION_KEY, "1*2", "12") is not None


@pytest.mark.parametrize("read", [instants.from_etag, instants.from_snapshot, instants.from_http_date])
def test_an_instant_in_another_form_is_refused(read: Callable[[str], int]) -> None:
    with pytest.raises(ValueError, match="not a"):
        read("2019-05-09T01:34:00.0000007Z")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("2019-05-09T01:34:00Z", "2019-05-09T01:34:00.0000000Z"),
        ("2019-05-09T01:34:00.5Z", "2019-05-09T01:34:00.5000000Z"),
    ],
)
def test_a_time_that_a_client_writes_short_is_the_same_instant(text: str, whole: str) -> None:
    assert instants.from_given_time(text) == instants.from_file_time(whole)
    assert instants.from_given_time("Now") is None


def test_metadata_names_go_by_any_case() -> None:
    story = Story("metadata")
    send = (("x-ms-meta-UP", "UPval"),)
    story.ask("PUT", "/data?restype=share", 201, send=send, stamp=0)
    story.ask("GET", "/data?restype=share&comp=metadata", 200, stamp=story.now, show=(("x-ms-meta-up", "UPval"),))
    assert judge(story.session()) == []


# --- what a recording takes for granted ------------------------------------------------------------------------------


def test_a_file_that_is_only_read_was_there_with_what_the_answers_say_of_it() -> None:
    story = Story("reads")
    stamp = story.now - 3600 * instants.SECOND
    ranged = (("Accept-Ranges", "bytes"), ("Content-Range", "bytes 16-31/1024"))
    metadata = (("x-ms-meta-kept", "yes"), ("Content-Language", "de"))
    story.ask(
        "GET",
        "/data/a/b%20c",
        206,
        send=(("x-ms-range", "bytes=16-31"),),
        stamp=stamp,
        show=(*ranged, *metadata, *FILE_SHOWN),
        data=PATTERN[:16],
    )
    world = deduce(story.session())
    file = world.shares["data"].nodes["a", "b c"]
    assert isinstance(file, FileFacts)
    assert (file.size, file.pieces, file.stamp) == (1024, {16: PATTERN[:16]}, stamp)
    assert ("a",) in world.shares["data"].nodes
    assert [step.target for step in plan(world)] == [
        "/data?restype=share",
        "/data/a?restype=directory",
        "/data/a/b%20c",
        "/data/a/b%20c?comp=range",
    ]
    assert judge(story.session()) == []


def test_what_a_recording_makes_itself_is_not_made_before() -> None:
    story = Story("makes")
    story.ask("PUT", "/data?restype=share", 201, stamp=0)
    story.ask("PUT", "/data/dir?restype=directory", 201, stamp=0)
    story.ask("PUT", "/data/dir/file", 201, send=FILE, stamp=0)
    assert plan(deduce(story.session())) == []


def test_a_share_that_is_missing_in_the_recording_is_not_made() -> None:
    story = Story("missing")
    story.refuse("GET", "/data?restype=share", 404, "ShareNotFound", "The specified share does not exist.")
    story.refuse("HEAD", "/data/file", 404, "ShareNotFound", "The specified share does not exist.")
    assert deduce(story.session()).shares == {}


def test_a_preparation_that_the_simulator_refuses_stops_the_referee() -> None:
    story = Story("impossible")
    story.ask("GET", "/data/CON?restype=directory", 200, stamp=story.now)
    with pytest.raises(CassetteError, match="preparing"):
        judge(story.session())


# --- reading recordings ----------------------------------------------------------------------------------------------


def test_a_recording_is_read_as_vcrpy_wrote_it(tmp_path: Path) -> None:
    request = VcrRequest("PUT", f"https://{HOST}/data/file?comp=range", b"\xff\x00", {"x-ms-write": "update"})
    response = {
        "status": {"code": 201, "message": "Created"},
        "headers": {"ETag": ['"0x8D6D41E8346E630"']},
        "body": {"string": "grün".encode()},
    }
    text = serialize({"requests": [request], "responses": [response]}, yamlserializer)
    path = tmp_path / "written.yaml"
    path.write_text(text, encoding="utf-8")
    (one,) = load_session(path).interactions
    assert (one.method, one.host, one.target, one.body) == ("PUT", HOST, "/data/file?comp=range", b"\xff\x00")
    assert header(one.headers, "X-Ms-Write") == "update"
    assert one.answer == Answer(201, "Created", (("ETag", '"0x8D6D41E8346E630"'),), "grün".encode())


@pytest.mark.parametrize("text", ["", "version: 2\ninteractions: [1]", "version: 1\ninteractions: []"])
def test_a_damaged_recording_is_refused_and_never_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "damaged.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CassetteError, match=r"damaged\.yaml"):
        load_session(path)


def test_the_folder_of_recordings_is_taken_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "one.yaml").touch()
    assert recordings_folder() == tmp_path
    assert find_recordings() == [tmp_path / "one.yaml"]
    monkeypatch.delenv(FOLDER_VARIABLE)
    assert recordings_folder().parts[-2:] == ("shared", "recordings")


def told(name: str) -> Session:
    return next(tell() for tell in (*STORIES_2019, *STORIES_TODAY) if tell.__name__ == name)


def test_the_account_is_of_the_kind_that_the_answers_show() -> None:
    assert deduce_account(told("set_share_properties")) == AccountFacts()
    assert deduce_account(told("share_of_provisioned_v2")) == AccountFacts("provisioned")
    assert deduce_account(told("nfs_share_with_links")) == AccountFacts("premium")
    assert deduce_account(told("share_is_deleted_and_restored")) == AccountFacts(soft_delete_days=7)


def test_a_signature_of_a_lost_key_is_made_again_and_all_else_stays() -> None:
    target = "/data/d%2Ff?se=2019-05-09T02%3A34%3A00Z&sp=r&sv=2018-11-09&sr=f&sig=lost&timeout=30"
    again = signed_again("storagename", b"key", target)
    text = "r\n\n2019-05-09T02:34:00Z\n/file/storagename/data/d/f\n\n\n\n2018-11-09\n\n\n\n\n"
    expected = base64.b64encode(hmac.new(b"key", text.encode(), hashlib.sha256).digest()).decode()
    assert again == target.replace("&sig=lost", "") + "&sig=" + quote(expected, safe="")
    assert signed_again("storagename", b"key", "/data?restype=share") == "/data?restype=share"


def test_a_signature_that_the_service_refused_is_left_as_it_was() -> None:
    session = told("read_with_a_signature")
    refused = replace(
        session.interactions[2].answer, status=403, headers=(("x-ms-error-code", "AuthenticationFailed"),)
    )
    referee = Referee(session)
    referee.prepare()
    for interaction in session.interactions[:2]:
        referee.play(interaction)
    assert referee.play(replace(session.interactions[2], answer=refused)).code == "AuthenticationFailed"
    assert referee.play(session.interactions[2]).succeeded
