"""Malformed requests, made from valid ones: each is a function of a seed and a number, so that one can be repeated."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final
from urllib.parse import quote

from azfiles_sim import Connection, Request
from azfiles_sim.wire.operations import OPERATIONS
from azfiles_sim.wire.vocabulary import COMMON_QUERY
from tests.versions.examples import EXAMPLES, LEASE, MANDATORY, fill
from tests.wire.asking import ACCOUNT, KEY, NEWEST, account_sas, encode, service_sas, sign, string_to_sign
from tests.wire.test_bearer import token

from . import values

HEADERS: Final = sorted(
    {name for row in OPERATIONS.values() for name in row.known.headers}
    | set(values.BY_HEADER)
    | {"x-ms-meta-a", "x-ms-meta-", "x-ms-meta-a b", "x-ms-meta-é", "x-ms-", "x-unknown", ""}
)
LETTERS: Final = "rcwdlaupx "
_OVERRIDES: Final = ("rscc", "rscd", "rsce", "rscl", "rsct")


@dataclass(slots=True)
class Draft:
    """A request that is being spoilt; ``done`` says how."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: list[bytes]
    host: str = ""
    credential: str = "key"
    lengthless: bool = False
    done: list[str] = field(default_factory=list)

    def set_header(self, name: str, value: str) -> None:
        self.headers = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        self.headers.append((name, value))


Spoil = Callable[[Draft, Random], None]


def new_draft(number: str, filling: dict[str, str]) -> Draft:
    example = EXAMPLES[number]
    path, _, text = fill(example.target, filling).partition("?")
    query = [part.partition("=")[::2] for part in text.split("&") if part]
    headers = [(name, fill(value, filling)) for name, value in example.headers]
    return Draft(example.method, path, query, headers, [example.body] if example.body else [])


# --- ways to spoil ---------------------------------------------------------------------------------------------


def change_method(draft: Draft, random: Random) -> None:
    draft.method = random.choice(values.METHODS)


def change_path(draft: Draft, random: Random) -> None:
    segments = draft.path.split("/")
    place = random.randrange(len(segments))
    kind = random.randrange(5)
    if kind == 0:
        segments.insert(place, random.choice(values.SEGMENTS))
    elif kind == 1:
        segments[place] = random.choice(values.SEGMENTS)
    elif kind == 2:
        segments[place] += random.choice(values.SEGMENTS)
    elif kind == 3:
        del segments[place]
    else:
        segments += [random.choice(values.SEGMENTS)] * random.choice((1, 2, 250, 251, 1000))
    draft.path = "/".join(segments)


def change_query(draft: Draft, random: Random) -> None:
    kind = random.randrange(4)
    name, value = random.choice(values.PARAMETERS), random.choice(values.QUERY_WORDS)
    if kind == 0 and draft.query:
        place = random.randrange(len(draft.query))
        draft.query[place] = draft.query[place][0], value
    elif kind == 1 and draft.query:
        del draft.query[random.randrange(len(draft.query))]
    elif kind == 2 and draft.query:
        draft.query.append(random.choice(draft.query))
    else:
        draft.query.append((name, value))


def change_header(draft: Draft, random: Random) -> None:
    """Another value for a header that the operation knows, or for any."""
    name = random.choice([name for name, _ in draft.headers] or HEADERS)
    if random.random() < 0.6:
        name = random.choice(HEADERS)
    known = values.BY_HEADER.get(name.lower(), ())
    draft.set_header(name, random.choice(known or (*values.NUMBERS, *values.WORDS)))


def drop_header(draft: Draft, random: Random) -> None:
    if draft.headers:
        del draft.headers[random.randrange(len(draft.headers))]


def repeat_header(draft: Draft, random: Random) -> None:
    if draft.headers:
        name, value = random.choice(draft.headers)
        draft.headers.append((name.upper(), random.choice((value, random.choice(values.WORDS)))))


def change_spelling(draft: Draft, random: Random) -> None:
    draft.headers = [(random.choice((name, name.upper(), name.title())), value) for name, value in draft.headers]


def damage_header(draft: Draft, random: Random) -> None:
    """A value cut off, doubled, or with one character changed."""
    if draft.headers:
        place = random.randrange(len(draft.headers))
        name, value = draft.headers[place]
        cut = random.randrange(len(value) + 1)
        draft.headers[place] = (
            name,
            random.choice((value[:cut], value + value, value[:cut] + chr(random.randrange(0x300)) + value[cut + 1 :])),
        )


def add_metadata(draft: Draft, random: Random) -> None:
    for number in range(random.choice((1, 2, 9, 200))):
        draft.headers.append(
            (f"x-ms-meta-{random.choice(('a', 'A', 'é', '1', 'a-b', ''))}{number}", random.choice(values.WORDS))
        )


def change_body(draft: Draft, random: Random) -> None:
    draft.body = [random.choice(values.BODIES)]


def damage_body(draft: Draft, random: Random) -> None:
    data = bytearray(b"".join(draft.body) or random.choice(values.BODIES))
    for _ in range(random.randrange(1, 6)):
        if data:
            data[random.randrange(len(data))] = random.randrange(256)
    cut = random.randrange(len(data) + 1)
    draft.body = [bytes(data[:cut]), b"", bytes(data[cut:])] if random.random() < 0.5 else [bytes(data[:cut])]


def make_body_oversized(draft: Draft, random: Random) -> None:
    draft.body = [random.choice(values.OVERSIZED)]


def lie_about_length(draft: Draft, random: Random) -> None:
    if random.random() < 0.3:
        draft.lengthless = True
    else:
        size = sum(map(len, draft.body))
        draft.set_header("Content-Length", str(size + random.choice((-5, -1, 1, 5, 4194304))))


def change_version(draft: Draft, random: Random) -> None:
    draft.set_header("x-ms-version", random.choice(values.VERSIONS))


def go_back(draft: Draft, random: Random) -> None:
    """A known version, with the SMB properties that some insist on."""
    draft.set_header("x-ms-version", random.choice(values.KNOWN))
    draft.headers += MANDATORY


def change_host(draft: Draft, random: Random) -> None:
    draft.host = random.choice(values.HOSTS)


def change_target_form(draft: Draft, random: Random) -> None:
    draft.path = random.choice(
        ("*", "", "//", "http://127.0.0.1" + draft.path, "127.0.0.1:443", "?", "#", draft.path + "#a", "/" * 3000)
    )


def lose_credential(draft: Draft, random: Random) -> None:
    draft.credential = random.choice(("none", "garbage", "sas", "sas", "garbled sas", "bearer"))


def lease_it(draft: Draft, random: Random) -> None:
    draft.set_header("x-ms-lease-id", random.choice((LEASE, random.choice(values.GUIDS))))


WAYS: Final[Sequence[tuple[Spoil, int]]] = (
    (change_header, 10), (change_query, 6), (change_path, 5), (damage_header, 4), (change_body, 4), (damage_body, 4), (drop_header, 3),
    (repeat_header, 2), (change_version, 2), (go_back, 2), (change_method, 2), (lie_about_length, 2), (lose_credential, 2), (add_metadata, 1),
    (change_spelling, 1), (change_host, 1), (lease_it, 1), (change_target_form, 1),
)  # fmt: skip
_SPOILS: Final = [spoil for spoil, weight in WAYS for _ in range(weight)]
_OVERSIZED_ONE_IN: Final = 150
_WITH_DOCUMENT: Final = frozenset({"V3", "V4", "H8", "H12"})


def spoil(number: str, random: Random, filling: dict[str, str]) -> Draft:
    draft = new_draft(number, filling)
    draft.credential = "bearer" if number == "V4" else "key"
    ways = random.choices(_SPOILS, k=random.choice((1, 1, 1, 2, 2, 3, 5)))
    if number in _WITH_DOCUMENT and random.random() < 0.4:
        ways.append(random.choice((change_body, damage_body)))
    if random.randrange(_OVERSIZED_ONE_IN) == 0:
        ways.append(make_body_oversized)
    for way in ways:
        way(draft, random)
        draft.done.append(way.__name__)
    return draft


# --- sending ---------------------------------------------------------------------------------------------------


def finish(draft: Draft, random: Random, date: str) -> tuple[Request, Connection]:
    """The request with its credential, signed as it stands, so that it gets past authentication where it can."""
    names = {name.lower() for name, _ in draft.headers}
    headers = list(draft.headers)
    headers += [(name, value) for name, value in (("x-ms-date", date), ("x-ms-version", NEWEST)) if name not in names]
    if draft.host:
        headers.append(("Host", draft.host))
    size = sum(map(len, draft.body))
    if (size or draft.method in {"PUT", "POST"}) and "content-length" not in names and not draft.lengthless:
        headers.append(("Content-Length", str(size)))
    query = "&".join(f"{quote(name, safe='', errors='replace')}={_quoted(value)}" for name, value in draft.query)
    target = f"{'' if 'file' in draft.host.lower() else f'/{ACCOUNT}'}{draft.path}"
    if random.random() < 0.02:
        query = query.replace("%", random.choice(("%", "%%", "")), 1)
    if draft.credential.endswith("sas"):
        query += ("&" if query else "") + make_sas(draft, random)
    target += f"?{query}" if query else ""
    if draft.credential == "key":
        text = string_to_sign(draft.method, target, headers, ACCOUNT)
        signature = base64.b64encode(hmac.new(KEY, text.encode("utf-8", "replace"), hashlib.sha256).digest()).decode()
        headers.append(("Authorization", f"SharedKey {ACCOUNT}:{signature}"))
    elif draft.credential == "bearer":
        headers += [
            ("Authorization", f"Bearer {token(**spoilt_claims(random))}"),
            ("x-ms-file-request-intent", "backup"),
        ]
    elif draft.credential == "garbage":
        scheme = random.choice(("SharedKey", "SharedKeyLite", "Bearer", "Basic", "", "é"))
        rest = random.choice(
            (
                "",
                ACCOUNT,
                f"{ACCOUNT}:",
                f"{ACCOUNT}:é",
                "nobody:AAAA",
                ":",
                "eyJ0.eyJ1.c2ln",
                "e30.e30.",
                "a.b",
                "." * 2000,
            )
        )
        headers.append(("Authorization", f"{scheme} {rest}"))
    peer = random.choice((None, "127.0.0.1", "203.0.113.9", "::1"))
    return Request(draft.method, target, headers, tuple(draft.body)), Connection(peer=peer, tls=random.random() < 0.5)


def spoilt_claims(random: Random) -> dict[str, object]:
    """Nothing, more often than not, or one claim of a token that is not what it should be."""
    name = random.choice(("aud", "iss", "tid", "oid", "nbf", "exp"))
    value = random.choice(
        (None, "", 0, -1, 1e400, 10**30, "x", [], {}, True, "9" * 5000, "\ud800", ["https://storage.azure.com/"])
    )
    return {} if random.random() < 0.7 else {name: value}


def _quoted(value: str) -> str:
    return quote(value, safe="", errors="replace")


def make_sas(draft: Draft, random: Random) -> str:
    """A signature that is right over fields that may be wrong, or wrong altogether."""
    letters = "".join(random.choices(LETTERS, k=random.randrange(8))) if random.random() < 0.5 else "rwdl"
    se = random.choice(values.TIMES) if random.random() < 0.3 else "2026-05-05T00:00:00Z"
    sv = random.choice((NEWEST, NEWEST, *values.VERSIONS))
    if draft.credential == "garbled sas":
        names = random.sample(sorted(COMMON_QUERY), k=random.randrange(1, 9))
        return encode({**{name: _plain(random.choice(values.QUERY_WORDS)) for name in names}, "sig": sign("x", KEY)})
    st, sip = (
        random.choice(("", *values.TIMES)),
        random.choice(("", "", "", "127.0.0.1", "1.2.3.4-1.2.3.9", "x", "9.9.9.9-1.1.1.1", "::1")),
    )
    spr, si = random.choice(("", "https", "https,http", "http", "x")), random.choice(("", "one", "x" * 65))
    if random.random() < 0.5:
        ss, srt = random.choice(("f", "b", "bqtf", "", "x")), random.choice(("sco", "s", "c", "o", "", "x"))
        return account_sas(sp=letters, ss=ss, srt=srt, st=st, se=se, sv=sv, sip=sip, spr=spr)
    resource, sr = random.choice(
        (("data", "s"), ("data/d/f", "f"), ("data/d/f", "b"), ("", "s"), ("data", ""), ("data/d", "d"))
    )
    overrides = {random.choice(_OVERRIDES): _plain(random.choice((*values.WORDS, "a\r\nb: c", "\x00")))}
    if random.random() < 0.5:
        overrides = {}
    return service_sas(resource, sp=letters, sr=sr, st=st, se=se, sv=sv, sip=sip, spr=spr, si=si, **overrides)


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
