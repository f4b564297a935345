"""Which recorded answer a request gets, and what is said where there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.cassette.interactions import Interaction, RecordedRequest, RecordedResponse, as_recorded
from azfiles.cassette.matching import key_of
from azfiles.cassette.scrubbing import scrub_interactions
from azfiles.cassette.tape import Tape
from azfiles.errors import NotRecorded
from azfiles.messages import Request
from tests.cassette.builders import HOST, interaction

A = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"
B = "bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb"
C = "cccccccc-3333-4333-8333-cccccccccccc"
GUIDS = st.uuids(version=4).map(str)


def asked(method: str, target: str, headers: dict[str, str] | None, body: bytes, origin: str) -> RecordedRequest:
    return as_recorded(Request(method, target, tuple((headers or {}).items()), (body,), origin))


def key(method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"", *, origin: str = HOST):
    return key_of(asked(method, target, headers, body, origin))


def ask(
    tape: Tape, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"", origin: str = HOST
):
    response = tape.answer(asked(method, target, headers, body, origin)).response
    assert isinstance(response, RecordedResponse)
    return response


def tape_of(*found: Interaction) -> Tape:
    return Tape(scrub_interactions(found), source="t.yaml")


BASE = ("PUT", "/share/dir/file?comp=range", {"x-ms-range": "bytes=0-3", "x-ms-write": "update"}, b"abcd")


@pytest.mark.parametrize(
    "other",
    [
        ("PUT", "/share/dir/file?comp=range", {"Range": "bytes=0-3", "x-ms-write": "update"}, b"abcd"),
        ("PUT", "/share/dir%2Ffile/?comp=range", {"X-MS-Range": " bytes=0-3", "x-ms-write": "Update"}, b"abcd"),
        ("PUT", "/share/dir/file?COMP=range&timeout=30", BASE[2], b"abcd"),
        ("PUT", "/share/dir/file?sv=2025-11-05&sp=rw&se=2030&sr=f&sig=x&comp=range", BASE[2], b"abcd"),
        ("PUT", "/share/dir/file?comp=range&prefix=", BASE[2], b"abcd"),
        (
            "PUT",
            "/share/dir/file?comp=range",
            {
                **BASE[2],
                "Authorization": "SharedKey a:b",
                "x-ms-date": "today",
                "Date": "today",
                "x-ms-client-request-id": "1",
                "x-ms-version": "2019-02-02",
                "x-ms-file-request-intent": "backup",
                "User-Agent": "x",
                "Accept": "*/*",
                "Content-Type": "application/octet-stream",
                "Content-Length": "4",
                "Host": "elsewhere",
            },
            b"abcd",
        ),
    ],
)
def test_what_differs_from_run_to_run_does_not_count(other):
    assert key(*other) == key(*BASE)


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("https://other.file.core.windows.net", "/share/f%20g"),
        ("https://other-secondary.file.core.windows.net:443", "/share/f%20g"),
        ("https://acc.z12.file.storage.azure.net", "/share/f%20g"),
        ("http://127.0.0.1:10004", "/devstoreaccount1/share/f%20g"),
        ("http://[::1]:10004", "/devstoreaccount1/share/f%20g"),
        ("http://localhost:10004", "/any/share/f%20g"),
        ("http://simulator:10004", "/any/share/f%20g"),
        ("", "/any/share/f%20g"),
        ("https://files.example.com", "/storagename/share/f%20g"),
        ("https://files.example.com", "/share/f%20g"),
    ],
)
def test_host_style_and_path_style_are_the_same_resource(origin: str, target: str):
    assert key("GET", target, origin=origin).resource == "/share/f g"


def test_behind_a_domain_of_ones_own_the_account_of_the_authorization_is_left_out():
    headers = {"Authorization": "SharedKey acct:sig"}
    assert key("GET", "/acct/share/f", headers, origin="https://files.example.com").resource == "/share/f"


@pytest.mark.parametrize(
    "other",
    [
        ("PUT", "/share/dir/file?comp=range", {**BASE[2], "x-ms-range": "bytes=4-7"}, b"abcd"),
        ("PUT", "/share/dir/file?comp=range", {**BASE[2], "x-ms-write": "clear"}, b"abcd"),
        ("PUT", "/share/dir/file?comp=range", BASE[2], b"abce"),
        ("PUT", "/share/dir/file?comp=range", BASE[2], b""),
        ("PUT", "/share/dir/file2?comp=range", BASE[2], b"abcd"),
        ("PUT", "/share2/dir/file?comp=range", BASE[2], b"abcd"),
        ("PUT", "/share/dir/file?comp=range&x=1", BASE[2], b"abcd"),
        ("PUT", "/share/dir/file?comp=range&sharesnapshot=2020", BASE[2], b"abcd"),
        ("PUT", "/share/dir/file?comp=metadata", BASE[2], b"abcd"),
        ("PUT", "/share/dir/file?comp=range", {**BASE[2], "x-ms-meta-a": "1"}, b"abcd"),
        ("PUT", "/share/dir/file?comp=range", {**BASE[2], "x-ms-file-last-write-time": "Preserve"}, b"abcd"),
        ("PUT", "/share/dir/file?comp=range", {**BASE[2], "Content-MD5": "x"}, b"abcd"),
        ("PUT", "/share/dir/file?comp=range", {**BASE[2], "If-Match": "x"}, b"abcd"),
        ("PUT", "/share/dir/file?comp=range", {**BASE[2], "x-ms-lease-id": A}, b"abcd"),
        ("PUT", "/share/dir/file?comp=range", {**BASE[2], "x-ms-copy-source": f"{HOST}/share/a"}, b"abcd"),
        ("GET", "/share/dir/file?comp=range", BASE[2], b"abcd"),
    ],
)
def test_what_decides_the_answer_counts(other):
    assert key(*other) != key(*BASE)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (f"{HOST}/s/a?sig=1", "https://b.file.core.windows.net/s/a?sig=2", True),
        (f"{HOST}/s/a", "http://127.0.0.1:1/acc/s/a", True),
        (f"{HOST}/s/a", "https%3A%2F%2Fb.file.core.windows.net%2Fs%2Fa", True),
        (f"{HOST}/s/a", "/s/a", True),
        (f"{HOST}/s/a", f"{HOST}/s/b", False),
        (f"{HOST}/s/a", f"{HOST}/s/a?sharesnapshot=2020", False),
    ],
)
@pytest.mark.parametrize("header", ["x-ms-copy-source", "x-ms-file-rename-source"])
def test_a_source_is_its_path_and_snapshot(header: str, one: str, other: str, same: bool):
    assert (key("PUT", "/s/f", {header: one}) == key("PUT", "/s/f", {header: other})) is same


def test_the_words_of_include_are_taken_in_any_order_and_case():
    assert key("GET", "/s?comp=list&include=Etag,timestamps") == key("GET", "/s?include=Timestamps%2Cetag&comp=list")


@pytest.mark.parametrize(
    ("method", "target", "headers", "name"),
    [
        ("GET", "/?comp=list", {}, "List Shares"),
        ("HEAD", "/s?restype=share", {}, "Get Share Properties"),
        ("PUT", "/s/f", {}, "Create File"),
        ("PUT", "/s/f", {"x-ms-copy-source": "u"}, "Copy File"),
        ("PUT", "/s/f?comp=range", {"x-ms-copy-source": "u"}, "Put Range from URL"),
        ("PUT", "/s/f?comp=lease", {}, "Lease File"),
        ("PATCH", "/s/f?comp=x&restype=y", {}, "PATCH restype=y comp=x"),
        ("PATCH", "/s/f", {}, "PATCH"),
    ],
)
def test_operations_have_the_names_of_the_documentation(method: str, target: str, headers: dict[str, str], name: str):
    assert key(method, target, headers).operation == name


def test_a_range_asked_first_does_not_get_the_bytes_of_another():
    tape = tape_of(
        interaction("GET", "/s/f", {"x-ms-range": "bytes=0-3"}, content=b"abcd"),
        interaction("GET", "/s/f", {"x-ms-range": "bytes=4-7"}, content=b"efgh"),
    )
    assert ask(tape, "GET", "/s/f", {"x-ms-range": "bytes=4-7"}).body == b"efgh"
    assert ask(tape, "GET", "/s/f", {"x-ms-range": "bytes=0-3"}).body == b"abcd"


def test_equal_requests_are_answered_in_the_order_of_the_recording_and_each_once():
    tape = tape_of(*(interaction("GET", "/s/f", content=str(number).encode()) for number in range(3)))
    assert [ask(tape, "GET", "/s/f").body for _ in range(3)] == [b"0", b"1", b"2"]
    with pytest.raises(NotRecorded, match="3 of 3 recorded of that were played already"):
        ask(tape, "GET", "/s/f")


def lease(
    action: str, *, held: str | None = None, proposed: str | None = None, answer: str | None = None, status: int = 200
):
    headers = {"x-ms-lease-action": action}
    headers |= {"x-ms-lease-id": held} if held else {}
    headers |= {"x-ms-proposed-lease-id": proposed} if proposed else {}
    return interaction(
        "PUT", "/s/f?comp=lease", headers, status=status, answer={"x-ms-lease-id": answer} if answer else {}
    )


def ask_lease(tape: Tape, action: str, **ids: str):
    headers = {"x-ms-lease-action": action}
    headers |= {f"x-ms-{name.replace('_', '-')}": value for name, value in ids.items()}
    return ask(tape, "PUT", "/s/f?comp=lease", headers)


def header(response, name: str) -> str:
    return dict(response.headers)[name]


def test_releasing_a_lease_does_not_play_its_acquiring():
    tape = tape_of(lease("acquire", proposed=A, answer=A, status=201), lease("release", held=A))
    with pytest.raises(NotRecorded, match="nearest recorded: #2 Lease File /s/f, lease action release"):
        ask_lease(tape, "release", proposed_lease_id=B)
    assert ask_lease(tape, "acquire", proposed_lease_id=B).status == 201
    assert ask_lease(tape, "release", lease_id=B).status == 200


@given(GUIDS, GUIDS)
def test_a_replay_gives_back_the_lease_id_that_its_client_proposed(recorded: str, live: str):
    tape = tape_of(lease("acquire", proposed=recorded, answer=recorded, status=201), lease("release", held=recorded))
    assert header(ask_lease(tape, "acquire", proposed_lease_id=live.upper()), "x-ms-lease-id") == live.upper()
    assert ask_lease(tape, "release", lease_id=live).status == 200


def test_a_lease_id_that_the_service_chose_is_the_recorded_one():
    tape = tape_of(lease("acquire", answer=A, status=201), lease("renew", held=A, answer=A))
    given = header(ask_lease(tape, "acquire"), "x-ms-lease-id")
    assert header(ask_lease(tape, "renew", lease_id=given), "x-ms-lease-id") == given


def test_a_changed_lease_follows_both_ids():
    tape = tape_of(
        lease("acquire", proposed=A, answer=A, status=201),
        lease("change", held=A, proposed=B, answer=B),
        lease("release", held=A, status=409),
        lease("release", held=B),
    )
    x, y = C, "dddddddd-4444-4444-8444-dddddddddddd"
    ask_lease(tape, "acquire", proposed_lease_id=x)
    assert header(ask_lease(tape, "change", lease_id=x, proposed_lease_id=y), "x-ms-lease-id") == y
    assert ask_lease(tape, "release", lease_id=y).status == 200
    assert ask_lease(tape, "release", lease_id=x).status == 409


def test_a_wrong_id_and_the_right_one_get_their_own_answers_in_any_order():
    put = ("PUT", "/s/f?comp=metadata")
    tape = tape_of(
        lease("acquire", proposed=A, answer=A, status=201),
        interaction(*put, {"x-ms-lease-id": A}, status=200),
        interaction(*put, {"x-ms-lease-id": B}, status=412),
    )
    ask_lease(tape, "acquire", proposed_lease_id=C)
    assert ask(tape, *put, {"x-ms-lease-id": "eeeeeeee-5555-4555-8555-eeeeeeeeeeee"}).status == 412
    assert ask(tape, *put, {"x-ms-lease-id": C}).status == 200


def test_one_live_lease_cannot_stand_for_two_recorded_ones():
    tape = tape_of(
        lease("change", held=A, proposed=B, answer=B), lease("release", held=A), lease("release", held=B, status=204)
    )
    with pytest.raises(NotRecorded, match="asked another lease than the recorded one"):
        ask_lease(tape, "change", lease_id=C, proposed_lease_id=C)
    ask_lease(tape, "release", lease_id=C)
    with pytest.raises(NotRecorded, match="1 of 1 recorded of that were played already"):
        ask_lease(tape, "release", lease_id=C)


def test_ids_that_are_the_recorded_ones_match_as_they_are():
    tape = Tape([lease("release", held=A, status=409), lease("release", held=B)], source="t")
    assert ask_lease(tape, "release", lease_id=B).status == 200
    assert ask_lease(tape, "release", lease_id=A).status == 409


def test_a_lease_id_in_metadata_follows_the_lease():
    tape = tape_of(
        lease("acquire", proposed=A, answer=A, status=201),
        interaction("PUT", "/s/f?comp=metadata", {"x-ms-meta-owner": A}),
        interaction("HEAD", "/s/f", answer={"x-ms-meta-owner": A}),
    )
    ask_lease(tape, "acquire", proposed_lease_id=B)
    ask(tape, "PUT", "/s/f?comp=metadata", {"x-ms-meta-owner": B})
    assert header(ask(tape, "HEAD", "/s/f"), "x-ms-meta-owner") == B


@given(st.lists(st.tuples(st.sampled_from(["acquire", "release"]), st.integers(0, 3)), max_size=20), st.randoms())
def test_a_session_with_new_lease_ids_replays_answer_for_answer(steps: list[tuple[str, int]], random):
    recorded = [f"{number:08x}-1111-4111-8111-{random.getrandbits(48):012x}" for number in range(4)]
    live = [f"{number:08x}-2222-4222-8222-{random.getrandbits(48):012x}" for number in range(4)]
    found = [
        lease("acquire", proposed=recorded[who], status=200 + at)
        if action == "acquire"
        else lease("release", held=recorded[who], status=200 + at)
        for at, (action, who) in enumerate(steps)
    ]
    tape = tape_of(*found)
    for at, (action, who) in enumerate(steps):
        role = "proposed_lease_id" if action == "acquire" else "lease_id"
        assert ask_lease(tape, action, **{role: live[who]}).status == 200 + at
    assert tape.unplayed == ()


fragments = st.sampled_from(
    [
        A, B.upper(), A.replace("-", ""), "?sig=c2VjcmV0c2VjcmV0", "%26sig%3Dabc%26", "&SIG=x", HOST, f"{HOST}/s/a?sig=y&a=1",
        "https%3A%2F%2Fmyaccount.file.core.windows.net%2Fs", "https://me:pw@myaccount.file.core.windows.net/s", "myaccount",
        "http://127.0.0.1:10004/myaccount/s", "http://localhost/myaccount", "AccountKey=abc==;", "SharedKey myaccount:c2ln",
        "Bearer abcdefghijklmnopqrstuvwxyz", "<Value>x</Value>", " ", "/", "a", "\u0026sig=z", "c2VjcmV0c2VjcmV0",
    ]
)  # fmt: skip
composed = st.lists(fragments, max_size=4).map("".join)


@given(
    st.sampled_from(["/s/f", "/s/f?comp=range", "/s/f?comp=metadata", "/s?restype=share&comp=acl", "/s/f?comp=lease"]),
    st.dictionaries(
        st.sampled_from(
            ["x-ms-meta-a", "x-ms-copy-source", "x-ms-file-rename-source", "x-ms-file-permission", "Referer"]
        ),
        composed,
    ),
    st.sampled_from([{}, {"x-ms-lease-id": A}, {"x-ms-lease-id": B, "x-ms-proposed-lease-id": A}]),
    composed,
)
def test_a_request_finds_its_own_scrubbed_record(
    target: str, headers: dict[str, str], leases: dict[str, str], body: str
):
    """Whatever scrubbing took out of a request, asking the same again is answered."""
    given_headers = {**headers, **leases, "Authorization": "SharedKey myaccount:c2VjcmV0c2VjcmV0"}
    tape = tape_of(interaction("PUT", target, given_headers, body.encode(), status=201))
    assert ask(tape, "PUT", target, given_headers, body.encode()).status == 201


def test_the_answer_names_the_account_and_request_id_of_this_run():
    listing = f'<E ServiceEndpoint="{HOST}/"/>'.encode()
    tape = tape_of(
        interaction("HEAD", "/s/f", {"x-ms-client-request-id": "then"}, answer={
            "x-ms-copy-source": f"{HOST}/s/a", "x-ms-client-request-id": "then", "x-ms-copy-id": "c"}),
        interaction("GET", "/?comp=list", answer={"Content-Length": str(len(listing))}, content=listing),
        interaction("GET", "/s/f", content=b"about //storagename.file.core.windows.net"),
    )  # fmt: skip
    live = "https://live.file.core.windows.net"
    answer = ask(tape, "HEAD", "/s/f", {"x-ms-client-request-id": "now"}, origin=live)
    assert header(answer, "x-ms-copy-source") == f"{live}/s/a"
    assert header(answer, "x-ms-client-request-id") == "now"
    answer = ask(tape, "GET", "/?comp=list", origin=live)
    assert answer.body == f'<E ServiceEndpoint="{live}/"/>'.encode()
    assert header(answer, "Content-Length") == str(len(answer.body))
    assert ask(tape, "GET", "/s/f", origin=live).body == b"about //storagename.file.core.windows.net"


def test_an_error_names_the_account_and_lease_of_this_run_wherever_they_stand():
    tape = tape_of(
        lease("acquire", proposed=A, answer=A, status=201),
        interaction("PUT", "/s/f?comp=metadata", {"x-ms-lease-id": A}, status=403,
                    content=f"<D>'GET\n/myaccount/s' {A} not-myaccounts</D>".encode()),
        interaction("GET", "/s/f", status=404, content=f"no {A}".encode()),
    )  # fmt: skip
    live = "https://live.file.core.windows.net"
    ask(tape, "PUT", "/s/f?comp=lease", {"x-ms-lease-action": "acquire", "x-ms-proposed-lease-id": B}, origin=live)
    answer = ask(tape, "PUT", "/s/f?comp=metadata", {"x-ms-lease-id": B}, origin=live)
    assert answer.body == f"<D>'GET\n/live/s' {B} not-myaccounts</D>".encode()
    assert ask(tape, "GET", "/s/f", origin=live).body == f"no {B}".encode()


def test_a_hit_looks_at_no_other_interaction():
    tape = tape_of(*(interaction("GET", f"/s/f{number}", {"x-ms-lease-id": A}) for number in range(5)))
    tape._entries = iter(())  # type: ignore[assignment]  # whoever goes through the list finds none
    assert [ask(tape, "GET", f"/s/f{number}", {"x-ms-lease-id": B}).status for number in (4, 0, 2)] == [200] * 3


def test_a_secret_named_while_recording_is_named_while_replaying():
    found = scrub_interactions([interaction("PUT", "/s/f", {"x-ms-meta-a": "word-of-mine"})], secrets=["word-of-mine"])
    with pytest.raises(NotRecorded):
        ask(Tape(found, source="t"), "PUT", "/s/f", {"x-ms-meta-a": "word-of-mine"})
    tape = Tape(found, source="t", secrets=["word-of-mine"])
    assert ask(tape, "PUT", "/s/f", {"x-ms-meta-a": "word-of-mine"}).status == 200


@pytest.mark.parametrize(
    ("recorded", "live", "difference"),
    [
        (("GET", "/s/f", {"Range": "bytes=0-3"}), ("GET", "/s/f", {"Range": "bytes=4-7"}), "range: asked bytes=4-7, recorded bytes=0-3"),
        (("GET", "/s/f"), ("GET", "/s/g"), "resource: asked /s/g, recorded /s/f"),
        (("GET", "/s/f"), ("DELETE", "/s/f"), "operation: asked Delete File, recorded Get File"),
        (("GET", "/s?comp=list&restype=directory&marker=a"), ("GET", "/s?comp=list&restype=directory"), "query marker: asked none, recorded a"),
        (("PUT", "/s/f", {"x-ms-meta-a": "1"}), ("PUT", "/s/f", {"x-ms-meta-a": "2"}), "header x-ms-meta-a: asked 2, recorded 1"),
        (("PUT", "/s/f", {"x-ms-meta-a": "x" * 200}), ("PUT", "/s/f"), "header x-ms-meta-a: asked none, recorded " + "x" * 80 + "..."),
        (("PUT", "/s/f", {"x-ms-lease-id": A}), ("PUT", "/s/f"), "x-ms-lease-id: asked none, recorded one"),
        (("PUT", "/s/f", {}, b"a"), ("PUT", "/s/f"), "content: asked nothing, recorded 1 bytes, sha256 "),
        (("PUT", "/s/f?comp=lease", {"x-ms-lease-action": "acquire"}), ("PUT", "/s/f?comp=lease", {"x-ms-lease-action": "break"}), "lease action: asked break, recorded acquire"),
    ],
)  # fmt: skip
def test_a_miss_names_the_nearest_recorded_request_and_the_first_difference(recorded, live, difference: str):
    tape = tape_of(interaction("PUT", "/elsewhere?restype=share"), interaction(*recorded), interaction(*recorded))
    with pytest.raises(NotRecorded) as caught:
        ask(tape, *live)
    message = str(caught.value)
    assert message.startswith("cassette t.yaml: not recorded: ")
    assert "nearest recorded: #2 " in message
    assert f"first difference: {difference}" in message
    assert "0 of 2 recorded of that were played already" in message


def test_the_nearest_is_one_that_is_still_to_be_played():
    tape = tape_of(
        interaction("GET", "/s/f", {"Range": "bytes=0-3"}), interaction("GET", "/s/f", {"Range": "bytes=4-7"})
    )
    ask(tape, "GET", "/s/f", {"Range": "bytes=0-3"})
    with pytest.raises(NotRecorded, match="nearest recorded: #2 Get File /s/f, bytes=4-7"):
        ask(tape, "GET", "/s/f", {"Range": "bytes=8-9"})


def test_a_miss_on_an_empty_cassette_says_so():
    with pytest.raises(NotRecorded, match="the cassette holds no interaction"):
        ask(tape_of(), "GET", "/s/f")


def test_a_miss_shows_no_secret():
    tape = tape_of(interaction("GET", "/s/f", {"x-ms-lease-id": A}))
    with pytest.raises(NotRecorded) as caught:
        ask(tape, "GET", "/s/g?sig=c2VjcmV0", {"x-ms-lease-id": B, "Authorization": "SharedKey a:c2VjcmV0", "x-ms-meta-u": "?sig=c2VjcmV0"})  # fmt: skip
    assert not any(secret in str(caught.value) for secret in (A, B, "c2VjcmV0"))


def test_what_was_not_played_is_told_in_order():
    tape = tape_of(
        interaction("GET", "/s/f"), interaction("PUT", "/s/f?comp=range", BASE[2]), interaction("GET", "/s/g")
    )
    ask(tape, "GET", "/s/f")
    assert tape.unplayed == ("#2 Put Range /s/f, bytes=0-3, write update", "#3 Get File /s/g")
    assert len(tape) == 3
