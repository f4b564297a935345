"""Whatever is sent, the simulator answers: it never raises, never answers 500, and keeps nothing of what it refuses."""

from __future__ import annotations

import string
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from azfiles_sim import Reply, Request
from azfiles_sim.wire.operations import OPERATIONS
from azfiles_sim.wire.vocabulary import COMMON_QUERY
from tests.proof import THOROUGH

from .asking import ACCOUNT, NEWEST, Asker, code

HEADERS = sorted(
    {name for row in OPERATIONS.values() for name in row.known.headers}
    | {"range", "content-md5", "content-length", "content-type", "if-match", "host", "x-ms-meta-a", "x-forwarded-proto"}
)
PARAMETERS = sorted({name for row in OPERATIONS.values() for name in row.known.query} | COMMON_QUERY)
LIKELY = [
    "", "true", "-1", "0", "15", "update", "clear", "acquire", "break", "release", "change", "renew", "file", "bytes=0-3",
    "bytes=0-", "now", "preserve", "inherit", "source", "Archive", "abort", "*", "*,*", "share", "directory", "list",
    "range", "rangelist", "metadata", "properties", "lease", "snapshot", "acl", "stats", "copy", "rename", "listhandles",
    "forceclosehandles", "filepermission", "include", "etag,timestamps", "2026-05-04T03:02:01.0000000Z", "1!4!YQ--",
    "8f5b6f33-0b6d-4f0e-9a4e-3c1a2b3c4d5e", f"http://127.0.0.1/{ACCOUNT}/data/d/f", f"/{ACCOUNT}/data", "SMB",
    "4010187179898695473*11459378189709739967", "O:BAG:BA", "AAAAAAAAAAAAAAAAAAAAAA==", "9" * 19, "2018-11-09", NEWEST,
]  # fmt: skip
texts = st.sampled_from(LIKELY) | st.text(max_size=12)
methods = st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"]) | st.text(
    string.ascii_uppercase, max_size=4
)
paths = st.sampled_from(
    ["/", "/data", "/data/d", "/data/d/f", "/data/new", "/new", "/data/d%2Ff", "/data/%FF", "/a//b"]
) | (st.text(max_size=8).map(lambda text: "/data/" + quote(text, safe="%/")))
queries = st.lists(st.tuples(st.sampled_from(PARAMETERS) | st.text(max_size=4), texts), max_size=4)
headers = st.lists(st.tuples(st.sampled_from(HEADERS) | st.text(max_size=6), texts), max_size=6)
bodies = st.sampled_from([b"", b"abcd", b"<SignedIdentifiers />", b"<a", b'{"permission":"O:BAG:BA"}']) | st.binary(
    max_size=20
)

BASE = Asker().with_share()


def fresh() -> Asker:
    """A copy of a simulator with a share, a directory and a file in it."""
    asker = Asker.__new__(Asker)
    asker.clock, asker.elapsed = BASE.clock, BASE.elapsed
    asker.simulator = BASE.simulator.fork()
    return asker


def check(asker: Asker, reply: Reply, before: object) -> None:
    assert reply.status != 500
    assert 200 <= reply.status < 600
    if reply.status >= 400:
        assert code(reply)
        assert asker.simulator._service.store.view() is before
    for name, value in reply.headers:
        assert isinstance(name, str)
        assert isinstance(value, str)
    assert all(isinstance(view, memoryview) for view in reply.body)


@settings(max_examples=400 if THOROUGH else 50, deadline=None)
@given(methods, paths, queries, headers, bodies)
def test_signed_requests_of_any_kind_are_answered(
    method: str, path: str, query: list[tuple[str, str]], pairs: list[tuple[str, str]], body: bytes
) -> None:
    asker = fresh()
    before = asker.simulator._service.store.view()
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    once = {name.lower(): value for name, value in pairs if name.lower() not in {"x-ms-date", "authorization"}}
    pairs = [("x-ms-version", NEWEST), *once.items()] if "x-ms-version" not in once else list(once.items())
    reply = asker.ask(method, f"{path}?{text}" if text else path, *pairs, body=body, version=None)
    check(asker, reply, before)


@settings(max_examples=200 if THOROUGH else 30, deadline=None)
@given(
    st.text(max_size=10),
    st.text(max_size=30),
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=4),
)
def test_arbitrary_text_in_place_of_a_request_is_answered(
    method: str, target: str, pairs: list[tuple[str, str]]
) -> None:
    asker = fresh()
    before = asker.simulator._service.store.view()
    check(asker, asker.send(Request(method, target, pairs, (b"x",))), before)


@settings(max_examples=200 if THOROUGH else 30, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(COMMON_QUERY)), texts, max_size=8), st.sampled_from(["GET", "PUT", "DELETE"])
)
def test_arbitrary_shared_access_signatures_are_refused(fields: dict[str, str], method: str) -> None:
    asker = fresh()
    before = asker.simulator._service.store.view()
    fields = {"sig": "x", **fields}
    text = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    reply = asker.send(Request(method, f"/{ACCOUNT}/data/d/f?{text}", [("x-ms-version", NEWEST)]))
    assert reply.status >= 400
    check(asker, reply, before)
