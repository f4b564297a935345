"""What the page's routes tell: places and pages of them, leases, exchanges, the diary, a cassette; and what they do not."""

from __future__ import annotations

import contextlib
import json
import os
import random
from pathlib import Path

import pytest

import azfiles
from azfiles_sim.inspector.cassettes import MOST_CASSETTE_BYTES
from azfiles_sim.inspector.exchanges import EXCERPT_BYTES, Excerpt, Exchanges
from azfiles_sim.inspector.places import MARK_EVERY
from azfiles_sim.inspector.scrubbing import Scrubber
from azfiles_sim.inspector.telling import BAR_PARTS, MOST_RANGES, coverage, ranges_told
from azfiles_sim.inspector.watching import InspectedSimulator
from azfiles_sim.messages import Reply, Request
from azfiles_sim.model.content import EMPTY_CONTENT
from azfiles_sim.storage.disk import DiskStore

from .stage import ACCOUNT, TOKEN, Stage, drifted_cassette, fill_directory, furnish

EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq"


@pytest.fixture(scope="module")
def stage():
    made = Stage()
    furnish(made)
    return made


def names(told):
    return [item["name"] for item in told["items"]]


def test_each_level_of_the_tree_is_told_with_how_many_there_are(stage):
    assert names(stage.ask("GET", "/look/children")) == ["archive", ACCOUNT]
    shares = stage.ask("GET", f"/look/children?account={ACCOUNT}")
    assert names(shares) == ["logs", "reports"]
    assert shares["items"][1] == {"kind": "share", "name": "reports", "leased": True, "snapshots": 1}
    entries = stage.ask("GET", f"/look/children?account={ACCOUNT}&share=reports")
    assert [item["kind"] for item in entries["items"]] == ["snapshot", *["directory"] * 3, "file"]
    taken = entries["items"][0]["name"]
    inside = stage.ask("GET", f"/look/children?account={ACCOUNT}&share=reports&snapshot={taken}")
    assert names(inside) == ["2025", "2026", "drafts"]  # october.txt came later
    part = stage.ask("GET", f"/look/children?account={ACCOUNT}&share=reports&path=2026&start=2&count=3")
    assert (part["total"], names(part)) == (7, ["03-invoices.csv", "04-invoices.csv", "05-invoices.csv"])


def test_pages_of_a_long_directory_are_the_directory():
    stage = Stage()
    fill_directory(stage, 2 * MARK_EVERY + 30)
    where = f"account={ACCOUNT}&share=wide&path=many"
    whole = [
        name
        for start in range(0, 600, 90)
        for name in names(stage.ask("GET", f"/look/children?{where}&start={start}&count=90"))
    ]
    assert whole == sorted(whole, key=str.upper)
    assert len(whole) == stage.ask("GET", f"/look/children?{where}")["total"] == 2 * MARK_EVERY + 30
    for place in (0, 1, MARK_EVERY - 1, MARK_EVERY, 2 * MARK_EVERY, len(whole) - 1):
        assert stage.ask("GET", f"/look/position?{where}&name={whole[place].upper()}") == {"at": place, "exact": True}
    assert stage.ask("GET", f"/look/position?{where}&name=part-0003")["at"] == whole.index("part-000300.bin")
    assert stage.ask("GET", f"/look/position?{where}&name=zzz") == {"at": len(whole) - 1, "exact": False}
    with stage.connect() as service:
        service.share("wide").directory("many").file(whole[3]).delete()
    assert whole[3] not in names(stage.ask("GET", f"/look/children?{where}&start=0&count=9"))


def test_a_file_is_told_with_ranges_lease_and_permissions_but_no_lease_id(stage):
    told = stage.ask("GET", f"/look/place?account={ACCOUNT}&share=reports&path=2026/july.parquet")
    assert told["ranges"]["shown"][1] == [98304, 163839]
    assert (told["ranges"]["count"], told["size"], told["written"]) == (5, 1 << 20, 385024)
    assert told["lease"]["state"] == "leased"
    assert told["permission"].startswith("O:SY")
    assert dict(told["metadata"]) == {"source": "till 7", "password": "REDACTED"}
    assert [handle["client"] for handle in told["handles"]] == ["desk-4"]


@pytest.mark.parametrize(
    "where",
    [
        "account=nobody",
        f"account={ACCOUNT}&share=none",
        f"account={ACCOUNT}&share=reports&path=a/b/c",
        f"account={ACCOUNT}&share=reports&snapshot=x",
    ],
)
def test_what_is_not_there_is_a_404(stage, where):
    assert stage.send("GET", f"/_azfiles/v1/look/place?{where}").status == 404


def test_a_file_with_many_ranges_gets_a_bar_of_parts():
    content = EMPTY_CONTENT
    for number in range(MOST_RANGES + 5):
        content = content.write(number * 8192, [b"x" * 512])
    ranges = ranges_told(content, 8192 * (MOST_RANGES + 5))
    assert (ranges["count"], len(ranges["shown"]), len(ranges["parts"])) == (MOST_RANGES + 5, MOST_RANGES, BAR_PARTS)
    assert "parts" not in ranges_told(EMPTY_CONTENT.write(0, [b"x"]), 512)


@pytest.mark.parametrize("seed", range(20))
def test_the_bars_parts_add_up_to_what_is_written(seed):
    draw = random.Random(seed)
    edges = sorted(draw.sample(range(1000), 2 * draw.randint(0, 6)))
    parts = draw.randint(1, 40)
    ranges = tuple(zip(edges[::2], edges[1::2], strict=True))
    bar = coverage(ranges, 1000, parts)
    written = sum(last - first + 1 for first, last in ranges)
    assert len(bar) == parts
    assert all(0 <= part <= 1 for part in bar)
    assert sum(bar) * 1000 / parts == pytest.approx(written, abs=parts)


def test_all_leases_are_found_and_age_with_the_clock(stage):
    told = stage.ask("GET", "/look/leases")["leases"]
    assert [(one["kind"], one["path"]) for one in told] == [("share", ""), ("file", "2026/july.parquet")]
    fork = Stage()
    furnish(fork)
    assert [one["lease"]["state"] for one in fork.ask("GET", "/look/leases")["leases"]] == ["leased", "leased"]
    fork.ask("POST", "/clock/advance", {"seconds": 61})
    assert [one["lease"]["state"] for one in fork.ask("GET", "/look/leases")["leases"]] == ["expired", "leased"]
    with fork.connect() as service:
        service.share("reports").file("october.txt").acquire_lease()
    assert len(fork.ask("GET", "/look/leases")["leases"]) == 3


def test_no_answer_tells_a_key_a_signature_or_a_lease_id():
    """Whatever is asked, of a session that had all of them."""
    stage = Stage()
    with stage.connect(retry=None) as service:
        share = service.share("secret")
        share.create()
        file = share.file("f.txt")
        file.create(64)
        lease = file.acquire_lease()
        file.put_range(0, b"AccountKey=c2VjcmV0;sig=abcd%3D", lease_id=lease.id)
        file.get(lease_id=lease.id)
    for target in ("/secret/f.txt?sv=2024-11-04&sig=c2lnbmF0dXJl&sp=r", "/secret/f.txt?%73ig=c2lnbmF0dXJl"):
        headers = (
            ("Host", f"{ACCOUNT}.file.core.windows.net"),
            ("x-ms-copy-source", "https://a/b?sig=c2lnbmF0dXJl"),
            ("x-ms-copy-source-authorization", "Bearer dG9rZW4tdG9rZW4"),
            ("Authorization", f"SharedKey {ACCOUNT}:c2lnbmF0dXJl"),
            ("Proxy-Authorization", "Negotiate bmVnb3RpYXRlZA"),
            ("Cookie", "session=Y29va2llcw"),
        )
        stage.simulator.handle(Request("GET", target, headers))
    entries = stage.ask("GET", "/journal")["entries"]
    texts = [json.dumps(stage.ask("GET", f"/look/exchanges/{one['number']}")) for one in entries]
    where = f"account={ACCOUNT}&share=secret&path=f.txt"
    texts += [
        json.dumps(stage.ask("GET", path))
        for path in (
            "/journal",
            "/look/leases",
            f"/look/place?{where}",
            f"/look/place?account={ACCOUNT}",
            "/look/state",
            "/look/children",
        )
    ]
    told = "".join(texts)
    assert "REDACTED" in told
    for secret in (
        lease.id,
        "c2lnbmF0dXJl",
        "dG9rZW4tdG9rZW4",
        "c2VjcmV0",
        "bmVnb3RpYXRlZA",
        "Y29va2llcw",
        "sig=abcd",
        EMULATOR_KEY,
        TOKEN,
    ):
        assert secret not in told
    holders = {one for text in texts for one in [text.partition('"x-ms-lease-id", "')[2].partition('"')[0]] if one}
    assert len(holders) == 1  # the one lease goes by one short name, wherever it stands


def test_exchanges_are_bounded_in_number_and_in_bytes_and_bodies_are_excerpts():
    kept = Exchanges(limit=3, most_bytes=20_000)
    for number in range(5):
        reply = Reply(200, "OK", (("x-ms-request-id", str(number)),), [memoryview(b"r" * 9_000)])
        kept.keep(Request("PUT", "/", (), (b"q" * 3_000, b"q" * 3_000)), reply, 0.001)
    assert [kept.find(str(number)) is not None for number in range(5)] == [False, False, False, True, True]
    newest = kept.find("4")
    assert (len(newest.request_body.data), newest.request_body.size) == (EXCERPT_BYTES, 6_000)
    assert (len(newest.reply_body.data), newest.reply_body.size) == (EXCERPT_BYTES, 9_000)
    assert kept.bytes_kept <= 20_000
    assert "qqq" not in repr(newest)
    few = Exchanges(limit=3)
    for number in range(5):
        few.keep(Request("GET", "/"), Reply(200, "OK", (("x-ms-request-id", str(number)),)), 0.0)
    assert len(few) == 3


def test_long_names_of_headers_count_as_what_is_kept():
    kept = Exchanges(limit=100, most_bytes=20_000)
    for number in range(5):
        reply = Reply(200, "OK", (("x-ms-request-id", str(number)),))
        kept.keep(Request("GET", "/", ((f"x-{number}-{'n' * 9_000}", "v"),)), reply, 0.0)
    assert len(kept) == 2


def test_a_body_that_a_store_brings_is_not_read_to_the_end_for_its_excerpt():
    asked = []

    class FromDisk:
        def __len__(self):
            return 1000

        def __iter__(self):
            for number in range(1000):
                asked.append(number)
                yield memoryview(b"d" * 4096)

    kept = Exchanges(limit=1)
    kept.keep(
        Request("GET", "/"),
        Reply(200, "OK", (("x-ms-request-id", "1"), ("Content-Length", "4096000")), FromDisk()),
        0.0,
    )
    assert len(asked) <= 2
    assert kept.find("1").reply_body.size == 4_096_000


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("grün".encode(), {"text": "grün"}),
        (b"\x00\x01", {"hex": "0001"}),
        (b"\xff\xfeAccountKey=c2VjcmV0", {"hex": b"\xff\xfeAccountKey=REDACTED".hex()}),
    ],
)
def test_a_body_is_a_text_or_hexadecimal_and_secrets_are_taken_out_of_both(data, shown):
    told = Scrubber().body(Excerpt(data, len(data)))
    assert {key: told[key] for key in shown} == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://a/b?next=https%3A%2F%2Fc%2Fd%3Fsv%3D1%26sig%3Dc2VjcmV0",
        "/a?u=%2526sig%253Dc2VjcmV0",
        "/a?%53IG=c2VjcmV0",
        "https://a/b?sp=r&amp;sig=c2VjcmV0",
        '{"sig": "c2VjcmV0"}',
        '{"AccountKey": "c2VjcmV0"}',
        "account_key = c2VjcmV0",
        '{"access_token":"eyJ0eXAiOiJKV1QiLCJhbGciOi.c2VjcmV0.c2ln"}',
        "sig=\u00c3\u00a0c2VjcmV0",
    ],
)
def test_a_secret_is_known_however_it_is_written(text):
    assert "c2VjcmV0" not in Scrubber().target(text)


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("X-Forwarded-Authorization", False),
        ("x-ms-source-authorization", False),
        ("Set-Cookie", False),
        ("Api-Key", False),
        ("x-ms-encryption-key", False),
        ("x-ms-meta-db_password", False),
        ("x-ms-meta-StorageConnectionString", False),
        ("x-ms-file-permission-key", True),
        ("x-ms-encryption-key-sha256", True),
        ("Access-Control-Allow-Credentials", True),
        ("x-ms-meta-keyboard", True),
    ],
)
def test_a_value_whose_name_says_that_it_is_secret_is_not_shown(name, is_shown):
    for told in (Scrubber().headers, Scrubber().pairs):
        assert told([(name, "c2VjcmV0")]) == [(name, "c2VjcmV0" if is_shown else "REDACTED")]


def test_a_key_at_the_end_of_what_is_kept_of_a_body_is_not_shown_in_part():
    key = f"{EMULATOR_KEY}{'x' * 24}=="
    assert len(key) == 88
    for left in (35, 60, 86, 87, 88):
        cut = f"{'-' * 9}\n{key}"[: 10 + left].encode()
        assert EMULATOR_KEY[:20] not in json.dumps(Scrubber().body(Excerpt(cut, 5000))), left


def test_a_lease_has_one_name_however_its_id_is_spelled():
    lease = "0f0f0f0f-1234-4321-9999-00000000000a"
    spellings = (lease, lease.upper(), f" {{{lease}}}", lease.replace("-", ""), f"({lease})")
    scrubber = Scrubber()
    assert {scrubber.lease_name(one) for one in spellings} == {scrubber.lease_name(lease)}
    assert scrubber.headers([("X-Ms-Lease-Id", spellings[2])]) == [("X-Ms-Lease-Id", scrubber.lease_name(lease))]


def test_what_was_stored_beside_a_file_is_shown_without_its_secrets():
    stage = Stage()
    key = "AccountKey=c2VjcmV0"
    with stage.connect() as service:
        share = service.share("told")
        share.create(metadata={"from": key})
        share.file("f.txt").create(1, metadata={"from": f"https://a/b?sig=c2VjcmV0&x={key}"})
        share.file("f.txt").set_http_headers(azfiles.HttpHeaders(content_disposition=f"inline; {key}"))
        share.directory("d").create(metadata={"from": key})
    for path in ("", "f.txt", "d"):
        told = json.dumps(stage.ask("GET", f"/look/place?account={ACCOUNT}&share=told&path={path}"))
        assert "REDACTED" in told
        assert "c2VjcmV0" not in told


def test_a_plan_in_toml_or_json_comes_into_force_and_a_wrong_one_is_told():
    stage = Stage()
    stage.ask("PUT", "/look/plan", {"text": '[[rules]]\nfault = "lose_reply"\n'})
    assert stage.ask("GET", "/faults")["plan"]["rules"] == [{"fault": "lose_reply"}]
    stage.ask("PUT", "/look/plan", {"text": '{"rules": [{"fault": "reset", "nth": [1]}]}'})
    stage.simulator.handle(Request("GET", "/", (("Host", f"{ACCOUNT}.file.core.windows.net"),)))
    [entry] = stage.ask("GET", "/look/diary")["entries"]
    assert (entry["number"], entry["request"]) == (1, "GET /")
    assert entry["fault"] == "connection reset by the request"
    assert stage.ask("GET", "/look/diary?since=1")["entries"] == []
    for text in ("[[", "{", '[[rules]]\nfault = "lose_repl"\n'):
        assert stage.send("PUT", "/_azfiles/v1/look/plan", body={"text": text}).status == 400


def test_a_fault_tells_when_it_was_and_which_requests_came_before_it():
    stage = Stage()
    with stage.connect(retry=None) as service:
        service.share("first").create()
        stage.simulator.control.advance(5)
        before = stage.ask("GET", "/look/state")
        stage.ask("PUT", "/look/plan", {"text": '[[rules]]\nfault = "lose_request"\nnth = 2\n'})
        service.share("second").create()
        stage.simulator.control.advance(5)
        with pytest.raises(azfiles.TransportError):
            service.share("lost").create()
        service.share("third").create()
    [entry] = stage.ask("GET", "/look/diary")["entries"]
    requests = stage.ask("GET", "/journal")["entries"]
    assert [one["number"] for one in requests if one["number"] <= entry["after"]] == [1, 2]
    assert entry["at"] == requests[2]["at"] > requests[1]["at"]
    after = stage.ask("GET", "/look/state")
    assert after["begun"] == before["begun"] + 1
    stage.simulator.reset()  # the same plan, but a new diary
    assert stage.ask("GET", "/look/state")["begun"] > after["begun"]


def test_what_a_fault_lets_through_is_remembered_too():
    stage = Stage()
    stage.ask("PUT", "/look/plan", {"text": '[[rules]]\nfault = "lose_reply"\nnth = 2\n'})
    with stage.connect() as service:
        service.share("kept").create()
        service.share("kept").get_properties()
    entries = stage.ask("GET", "/journal")["entries"]
    assert len(entries) == 3  # the reply of the second was lost, and it was asked again
    told = [stage.ask("GET", f"/look/exchanges/{entry['number']}") for entry in entries]
    assert [one["reply"]["status"] for one in told] == [entry["status"] for entry in entries]
    assert [one["faults"] for one in told][:2] == [[], ["#2 GET /kept restype=share: reply lost"]]


def test_a_cassette_is_laid_beside_the_simulators_answers(tmp_path):
    stage = Stage()
    path = drifted_cassette(tmp_path)
    told = stage.ask("PUT", "/look/cassette", {"path": str(path)})
    assert (told["name"], told["behaviour"], len(told["interactions"])) == ("drifted.yaml", "today", 30)
    assert [number for number, one in enumerate(told["interactions"], 1) if one["drift"]] == [8, 15]
    one = stage.ask("GET", "/look/cassette/8")
    assert [(d["field"], d["recorded"], d["simulated"]) for d in one["drift"]] == [("x-ms-lease-time", "7", "1")]
    assert (one["recorded"]["status"], one["simulated"]["status"]) == (202, 202)
    assert stage.ask("GET", "/look/cassette") == told
    assert stage.simulator.journal.last_number == 0  # what is served here is not touched
    other = stage.ask("PUT", "/look/cassette", {"name": "mine.yaml", "text": path.read_text(encoding="utf-8")})
    assert other["interactions"] == told["interactions"]
    for body in (
        {"path": "relative.yaml"},
        {"path": str(tmp_path / "none.yaml")},
        {"name": "x.yaml", "text": "interactions: 7"},
        {},
    ):
        refused = stage.send("PUT", "/_azfiles/v1/look/cassette", body=body)
        assert refused.status == 400, body
    assert stage.send("GET", "/_azfiles/v1/look/cassette/31").status == 404


def test_what_differs_is_told_without_its_secrets_too():
    stage = Stage()
    text = (Path(__file__).parents[2] / "cassettes" / "properties.yaml").read_text(encoding="utf-8")
    first = text.index("\n      x-ms-meta-", text.index("  response:"))
    told = f"{text[:first]}\n      x-ms-meta-password:\n      - c2VjcmV0{text[first:]}"
    lines = stage.ask("PUT", "/look/cassette", {"name": "told.yaml", "text": told})["interactions"]
    [number] = [number for number, line in enumerate(lines, 1) if line["drift"]]
    interaction = stage.ask("GET", f"/look/cassette/{number}")
    assert [(one["field"], one["recorded"]) for one in interaction["drift"]] == [("x-ms-meta-password", "REDACTED")]
    assert "c2VjcmV0" not in json.dumps([lines, interaction])


def test_a_path_that_has_no_end_or_is_too_large_is_not_read(tmp_path):
    """A pipe would hold one of the server's threads for ever, a device would fill its memory."""
    stage = Stage()
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(MOST_CASSETTE_BYTES + 1)
    for path, why in ((pipe, "is no file"), (Path("/dev/zero"), "is no file"), (large, "at most")):
        refused = stage.send("PUT", "/_azfiles/v1/look/cassette", body={"path": str(path)})
        assert refused.status == 400
        assert why in json.loads(b"".join(refused.body))["error"]


@pytest.mark.parametrize("text", ["interactions: " + "[" * 20_000, '{"a":' * 20_000, "[" * 20_000])
def test_a_cassette_that_is_nested_without_end_is_refused_as_any_that_is_damaged(text):
    refused = Stage().send("PUT", "/_azfiles/v1/look/cassette", body={"name": "deep.yaml", "text": text})
    assert refused.status == 400
    assert "deep.yaml: not readable" in json.loads(b"".join(refused.body))["error"]


@pytest.mark.parametrize("again", ["restored", "seeded", "reset"])
def test_a_row_never_shows_what_another_request_said_where_the_same_ids_come_again(again):
    stage = Stage()
    control = stage.simulator.control
    control.fork("beginning")
    go_back = {
        "restored": lambda: control.restore("beginning"),
        "seeded": lambda: control.seed(7),
        "reset": control.reset,
    }
    sent = [f"/{name}?restype=share" for name in ("one", "two", "one", "three")]
    for target in sent:
        with stage.connect(retry=None) as service, contextlib.suppress(azfiles.AlreadyExists):
            service.share(target[1:].partition("?")[0]).create()
        go_back[again]()
    entries = stage.ask("GET", "/journal")["entries"]
    assert len({entry["request_id"] for entry in entries}) == min(1, len(entries))
    told = [stage.ask("GET", f"/look/exchanges/{entry['number']}")["request"]["target"] for entry in entries]
    assert told == [entry["target"] for entry in entries] == ([] if again == "reset" else sent)
    assert stage.send("GET", "/_azfiles/v1/look/exchanges/4").status == (404 if again == "reset" else 200)
    for number in ("0", "5", "77"):
        assert stage.send("GET", f"/_azfiles/v1/look/exchanges/{number}").status == 404


def test_the_state_number_moves_with_the_state_and_only_then(stage):
    first = stage.ask("GET", "/look/state")
    assert stage.ask("GET", "/look/state")["state"] == first["state"]
    with stage.connect() as service:
        service.share("logs").get_properties()
        assert stage.ask("GET", "/look/state")["state"] == first["state"]
        service.share("logs").set_metadata({"a": "b"})
    after = stage.ask("GET", "/look/state")
    assert after["state"] > first["state"]
    assert after["journal"] == first["journal"] + 2


def test_accounts_shares_snapshots_and_nfs_files_are_told():
    stage = Stage()
    stage.simulator.control.create_account("kept", kind="premium", soft_delete_days=7)
    stage.simulator.control.plant("kept", "gone", {"a.txt": b"a"})
    with stage.connect() as service:
        share = service.share("policies")
        share.create(metadata={"team": "numbers"})
        share.set_access_policy([azfiles.SignedIdentifier("readers", azfiles.AccessPolicy("r"))])
        share.create_snapshot()
    account = stage.ask("GET", f"/look/place?account={ACCOUNT}")
    assert (account["shares"], account["keys"], account["deleted"]) == (1, 1, [])
    told = stage.ask("GET", f"/look/place?account={ACCOUNT}&share=policies")
    assert [policy["policy_id"] for policy in told["policies"]] == ["readers"]
    [taken] = told["snapshots"]
    snapshot = stage.ask("GET", f"/look/place?account={ACCOUNT}&share=policies&snapshot={taken}")
    assert (snapshot["kind"], snapshot["metadata"]) == ("snapshot", [["team", "numbers"]])
    where = f"/look/position?account={ACCOUNT}&share=policies"
    assert stage.ask("GET", f"{where}&name={taken}") == {"at": 0, "exact": True}
    assert stage.ask("GET", "/look/position?name=kept") == {"at": 1, "exact": True}
    assert stage.ask("GET", f"/look/position?account={ACCOUNT}&name=q") == {"at": 0, "exact": False}


def test_a_share_on_disk_is_shown_and_its_exchanges_are_kept(tmp_path):
    store = DiskStore.open(tmp_path)
    stage = Stage(simulator=InspectedSimulator(store=store))
    with stage.connect() as service:
        service.share("disk").create()
        service.share("disk").file("f.txt").upload(b"kept on disk" * 1000)
        assert len(service.share("disk").file("f.txt").download()) == 12_000
    entry = stage.ask("GET", "/journal?operation=Get%20File")["entries"][-1]
    body = stage.ask("GET", f"/look/exchanges/{entry['number']}")["reply"]["body"]
    assert (body["size"], body["whole"], len(body["text"])) == (12_000, False, EXCERPT_BYTES)
    told = stage.ask("GET", f"/look/place?account={ACCOUNT}&share=disk&path=f.txt")
    assert told["ranges"]["shown"] == [[0, 11999]]
    stage.simulator.close()


IMPOSSIBLE = """
interactions:
- request:
    body: ''
    headers: {x-ms-version: ['2025-11-05']}
    method: GET
    uri: https://storagename.file.core.windows.net/data/CON
  response:
    body: {string: 'here'}
    headers:
      Content-Length: ['4']
      ETag: ['"0x8DE49AB96B70080"']
      Last-Modified: ['Fri, 02 Jan 2026 03:04:05 GMT']
      Date: ['Fri, 02 Jan 2026 03:04:05 GMT']
    status: {code: 200, message: OK}
version: 1
"""
"""A recording that says of a name which no file can have that it is there."""


def test_nfs_and_provisioned_shares_show_what_is_theirs():
    stage = Stage()
    for name, kind in (("premium1", "premium"), ("provisioned1", "provisioned")):
        spec = stage.simulator.control.create_account(name, kind=kind)
        key = azfiles.SharedKey(name, spec.key_text())
        transport = azfiles.InProcessTransport(stage.simulator.handle)
        url = f"https://{name}.file.core.windows.net"
        with azfiles.connect(url, key, transport=transport, clock=stage.simulator.clock) as service:
            share = service.share("special")
            share.create(enabled_protocols="NFS" if kind == "premium" else None, quota_gib=100)
            if kind == "premium":
                share.directory("d").create()
                share.file("link").create_symbolic_link("/d")
    told = stage.ask("GET", "/look/place?account=premium1&share=special&path=link")
    assert (told["kind"], told["leads_to"], told["owner"], len(told["mode"])) == ("link", "/d", "0", 4)
    assert "permission" not in told
    items = stage.ask("GET", "/look/children?account=premium1&share=special")["items"]
    assert [(item["name"], item["kind"]) for item in items] == [("d", "directory"), ("link", "link")]
    assert stage.ask("GET", "/look/children?account=premium1&share=special&path=link")["items"] == []
    provisioned = dict(stage.ask("GET", "/look/place?account=provisioned1&share=special")["settings"])
    assert {"quota_lowerable_from", "iops_lowerable_from"} <= provisioned.keys()


def test_a_cassettes_interactions_without_an_answer_have_none_and_its_problem_is_told(tmp_path):
    stage = Stage()
    cassettes = Path(__file__).parents[2] / "cassettes"
    lines = stage.ask("PUT", "/look/cassette", {"path": str(cassettes / "mishaps.yaml")})["interactions"]
    assert [(one["recorded"], one["simulated"]) for one in (lines[0], lines[3], lines[4])] == [
        (None, 201),  # it was carried out, as what came after shows
        (None, None),
        (201, 201),
    ]
    assert stage.ask("GET", "/look/cassette/4")["recorded"] is None
    impossible = tmp_path / "impossible.yaml"
    impossible.write_text(IMPOSSIBLE, encoding="utf-8")
    told = stage.ask("PUT", "/look/cassette", {"path": str(impossible)})
    assert "preparing what the recording takes for granted: PUT /data/CON" in told["problem"]
    assert told["interactions"][0]["recorded"] == 200


def test_a_text_that_is_cut_in_the_middle_of_a_letter_is_a_text_still():
    whole = "€".encode() * 2000
    told = Scrubber().body(Excerpt(whole[:EXCERPT_BYTES], len(whole)))
    assert (told["text"], told["whole"], told["size"]) == ("€" * (EXCERPT_BYTES // 3), False, 6000)
