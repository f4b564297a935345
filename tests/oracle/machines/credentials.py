"""Who is let in: Shared Key over requests of any form, and account SAS."""

from __future__ import annotations

import string

import hypothesis.strategies as st

from tests.oracle import steps as s
from tests.oracle.machines.base import OracleMachine, drawn

# What the official clients send: percent-encoded paths, values without a raw plus or equals sign, no parameter twice.
PIECES = st.sampled_from(
    [
        "a",
        "B",
        "0",
        "-",
        "_",
        ".",
        "~",
        "%20",
        "%2B",
        "%3D",
        "%25",
        "%C3%A9",
        "%c3%a9",
        "%7E",
        "%27",
        "%28",
        "(",
        ")",
        "!",
    ]
)
PATHS = (
    st.lists(PIECES, min_size=1, max_size=6)
    .map("".join)
    .filter(lambda path: path.strip(".") and not path.endswith("."))
)
VALUES = st.lists(st.one_of(PIECES, st.sampled_from(["%2F", "/", ",", ":", "%0A", "%26"])), max_size=5).map("".join)
QUERIES = st.dictionaries(st.sampled_from(["timeout", "prefix", "aa", "Zz", "a_b", "a-b"]), VALUES, max_size=3).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs.items())
)
# Names in whose order no dash decides: there the collations of the service's clients and of Azurite part.
HEADER_NAMES = st.text("ab01_", min_size=1, max_size=4).filter(lambda name: name[0] not in string.digits)
HEADER_VALUES = st.sampled_from(["", "x", "two  blanks", " outer ", "tab\there", "a,b;c=d:e"])
HEADERS = st.dictionaries(HEADER_NAMES, HEADER_VALUES, max_size=4).map(
    lambda pairs: tuple((f"x-ms-meta-{name}", value) for name, value in pairs.items())
)
OTHER_HEADERS = st.dictionaries(
    st.sampled_from(["Content-Type", "Content-Language", "Content-Encoding", "If-Match", "If-None-Match", "Range"]),
    st.sampled_from(["x", "*", "bytes=0-1"]),
    max_size=2,
).map(lambda pairs: tuple(pairs.items()))
SPOILT = st.sampled_from(["signature", "header", "date", "path", "query"])
HOSTS = st.sampled_from(["", "", "{account}.file.core.windows.net"])
DATES = st.sampled_from(["x-ms-date", "Date"])


class Auth(OracleMachine):
    """A request is let in exactly if its signature is right, whatever its form."""

    prelude = (s.Create(s.SHARE),)

    @drawn(path=PATHS, query=QUERIES, headers=HEADERS, others=OTHER_HEADERS, host=HOSTS, date=DATES)
    def read_with_the_key(self, path, query, headers, others, host, date) -> None:
        self.take(s.Ask("GET", path, query, (*headers, *others), "", host, date))

    @drawn(path=PATHS, query=QUERIES, headers=HEADERS, host=HOSTS, date=DATES, spoilt=SPOILT)
    def read_with_what_was_signed_otherwise(self, path, query, headers, host, date, spoilt) -> None:
        self.take(s.Ask("GET", path, query, headers, "", host, date, spoilt))

    @drawn(path=PATHS, headers=HEADERS, body=st.sampled_from(["", "x", "body"]), spoilt=st.one_of(st.just(""), SPOILT))
    def write(self, path, headers, body, spoilt) -> None:
        self.take(s.Ask("PUT", path, "comp=metadata", headers, body, spoilt=spoilt))


LETTERS = st.text("rwdlc", min_size=1, max_size=4).map(lambda letters: "".join(x for x in "rwdlc" if x in letters))
TYPES = st.text("sco", min_size=1, max_size=3).map(lambda letters: "".join(x for x in "sco" if x in letters))
OPERATIONS = st.sampled_from(
    [
        s.ListShares(),
        s.Show(s.SHARE),
        s.SetMetadata(s.SHARE, (("a", "1"),)),
        s.Create(s.SHARE, name="other"),
        s.Delete(s.SHARE, name="other"),
        s.Lease(s.SHARE, "break"),
        s.Create(s.FILE, 512),
        s.Show(s.FILE),
        s.Read(),
        s.ListRanges(),
        s.Write(0, 512),
        s.Clear(0, 512),
        s.SetMetadata(s.FILE, (("a", "1"),)),
        s.SetHeaders((("content-type", "text/plain"),)),
        s.Lease(s.FILE, "acquire", proposed="A", duration_s=-1),
        s.Lease(s.FILE, "release", "A"),
        s.Delete(s.FILE),
    ]
)
VERSIONS = st.sampled_from(["2026-10-06", "2020-12-06", "2020-10-02", "2019-02-02"])
BEGINNINGS = st.sampled_from([-60, -1, 0, 1, 60])
ENDS = st.sampled_from([-60, -1, 1, 60])  # at the very end Azurite is known to differ


class Sas(OracleMachine):
    """An account SAS opens what its letters say, between its times."""

    prelude = (s.Create(s.SHARE), s.Create(s.FILE, 512), s.Wait(100))

    def ask(self, step: s.Step, permissions: str, types: str, **more) -> None:
        expiry = self.compared.judge.seconds + more.pop("left_s", 60)
        start = more.pop("begins_in_s", None)
        started = None if start is None else self.compared.judge.seconds + start
        self.take(s.Signed(step, permissions, types, expiry, started, **more))

    @drawn(step=OPERATIONS, permissions=LETTERS, types=TYPES, version=VERSIONS)
    def ask_for_what_may_be_granted(self, step, permissions, types, version) -> None:
        self.ask(step, permissions, types, version=version)

    @drawn(step=OPERATIONS, left_s=ENDS, begins_in_s=st.one_of(st.none(), BEGINNINGS), version=VERSIONS)
    def ask_around_its_times(self, step, left_s, begins_in_s, version) -> None:
        self.ask(step, "rwdlc", "sco", left_s=left_s, begins_in_s=begins_in_s, version=version)

    @drawn(step=OPERATIONS, services=st.sampled_from(["f", "b", "q", "bf", "fb", "bqtf", "qt"]))
    def ask_for_services(self, step, services) -> None:
        self.ask(step, "rwdlc", "sco", services=services)

    @drawn(step=OPERATIONS, protocol=st.sampled_from(["https", "https,http"]))
    def ask_over_http(self, step, protocol) -> None:
        self.ask(step, "rwdlc", "sco", protocol=protocol)

    @drawn(
        step=OPERATIONS,
        permissions=LETTERS,
        spoilt=st.sampled_from(["sp", "ss", "srt", "st", "se", "spr", "sv"]),
        version=VERSIONS,
    )
    def ask_with_what_was_signed_otherwise(self, step, permissions, spoilt, version) -> None:
        self.ask(step, permissions, "sco", spoilt=spoilt, version=version)

    @drawn(step=OPERATIONS)
    def ask_with_the_key(self, step) -> None:
        self.take(step)
