"""The referee: a recorded session of the real service is played into a fresh simulator, and the answers compared.

One configuration for every session. The clock is set from what each recorded answer says of the service's time, so
that times can be compared and not only mapped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from azfiles_sim import Dropped, ManualClock, Request, Simulator
from azfiles_sim.accounts import AccountSpec
from azfiles_sim.model.quirks import RECORDED_2019, Quirks

from . import instants
from .comparing import Difference, compare
from .correspondence import (
    COPY_ID,
    LEASE_ID,
    MARKER,
    PERMISSION_KEY,
    SHARE_VERSION,
    SLACK,
    SNAPSHOT,
    Correspondence,
    Kind,
)
from .preparing import Step, plan, share_across_origins
from .sessions import Answer, Headers, Interaction, Session, parse_query
from .signing import authorization, signed_again
from .staging import AccountFacts, deduce, deduce_account

ACCOUNT: Final = "storagename"
HOST: Final = f"{ACCOUNT}.file.core.windows.net"
KEY: Final = b"a key that only the referee and its simulator know"
PREPARATION_VERSION: Final = "2018-11-09"  # the oldest that the simulator speaks; creating needs no SMB headers in it

QUERY_KINDS: Final = {"sharesnapshot": SNAPSHOT, "prevsharesnapshot": SNAPSHOT, "marker": MARKER, "copyid": COPY_ID}
HEADER_KINDS: Final = {
    "x-ms-deleted-share-version": SHARE_VERSION,
    "x-ms-destination-lease-id": LEASE_ID,
    "x-ms-file-permission-key": PERMISSION_KEY,
    "x-ms-lease-id": LEASE_ID,
    "x-ms-source-lease-id": LEASE_ID,
}
URL_HEADERS: Final = frozenset({"x-ms-copy-source", "x-ms-file-rename-source"})
GIVEN_TIMES: Final = frozenset({"x-ms-file-creation-time", "x-ms-file-last-write-time", "x-ms-file-change-time"})


def judge(session: Session, *, quirks: Quirks = RECORDED_2019) -> list[Difference]:
    """Play a session and return every place where the simulator answers otherwise than the recording."""
    return Referee(session, quirks).judge()


class Referee:
    """One play of one session against one simulator."""

    def __init__(self, session: Session, quirks: Quirks = RECORDED_2019) -> None:
        self._session = session
        self._main = session.interactions[0].host
        self._owners = {
            one.components[0]: self._account_of(one) for one in reversed(session.interactions) if one.components
        }
        # What other accounts hold is what the session puts there.
        mine = tuple(one for one in session.interactions if self._account_of(one) == ACCOUNT)
        self._world = deduce(Session(session.name, mine))
        self._steps = plan(self._world)
        if any(one.answer.header("Vary") for one in session.interactions):
            # An account without rules of cross-origin sharing never sends Vary, so this one had some.
            self._steps.insert(0, share_across_origins(self._steps[0].at if self._steps else self._world.begun - SLACK))
        self._now = min([self._world.begun - SLACK, *(step.at for step in self._steps)])
        self._clock = ManualClock(self._now)
        others = [AccountSpec(name, keys=(KEY,)) for name in sorted({*self._owners.values()} - {ACCOUNT})]
        self._simulator = Simulator([_account(deduce_account(session)), *others], clock=self._clock, quirks=quirks)
        self._known = Correspondence(self._world.begun - SLACK, _given(session), _names(session))
        self._seen = {etag for share in self._world.shares.values() for etag in [share.stamp] if etag is not None}
        self._seen |= {
            node.stamp
            for share in self._world.shares.values()
            for node in share.nodes.values()
            if node.stamp is not None
        }

    def judge(self) -> list[Difference]:
        self.prepare()
        differences: list[Difference] = []
        for number, interaction in enumerate(self._session.interactions):
            differences += compare(number, self._recorded(interaction.answer), self.play(interaction), self._known)
        return differences

    def play(self, interaction: Interaction) -> Answer:
        """Send one recorded request, its made-up values translated, at the recorded time."""
        self._set_clock(self._instant_of(interaction.answer))
        headers = tuple((name, self._translated(name, value)) for name, value in interaction.headers)
        target, account = self._translated_target(interaction.target), self._account_of(interaction)
        if interaction.answer.code != "AuthenticationFailed":
            target = signed_again(account, KEY, target)
        return self._send(interaction.method, target, headers, interaction.body, account)

    def prepare(self) -> None:
        """Make the world that the session takes for granted."""
        for step in self._steps:
            self._set_clock(max(step.at, self._now))
            answer = self._send_step(step)
            if not answer.succeeded:
                raise AssertionError(f"preparing {step.method} {step.target}: {answer.status} {answer.reason}")
        for name, share in self._world.shares.items():
            for handle in share.handles.values():
                self._clock.set(handle.opened)
                self._simulator.open_handle(
                    ACCOUNT,
                    name,
                    handle.path,
                    handle_id=handle.handle_id,
                    session_id=handle.session_id,
                    client_ip=handle.client_ip,
                    snapshot=handle.snapshot,
                )
        self._now = max(self._now, self._world.begun - SLACK)

    def _send_step(self, step: Step) -> Answer:
        length = ("Content-Length", str(len(step.body)))
        now = ("x-ms-date", instants.to_http_date(self._now))
        version = ("x-ms-version", PREPARATION_VERSION)
        return self._send(step.method, step.target, (*step.headers, length, now, version), step.body)

    def _account_of(self, interaction: Interaction) -> str:
        """Whom a request asked: the account of the first one, or another that has its name from its host."""
        return ACCOUNT if interaction.host == self._main else interaction.host.partition(".")[0]

    def _send(self, method: str, target: str, headers: Headers, body: bytes, account: str = ACCOUNT) -> Answer:
        kept = tuple((name, value) for name, value in headers if name.lower() not in {"host", "connection"})
        sent = (("Host", _host(account)), *kept)
        if "sig" not in parse_query(target):
            sent += (("Authorization", authorization(account, KEY, method, target, kept)),)
        reply = self._simulator.handle(Request(method, target, sent, (body,) if body else ()))
        assert not isinstance(reply, Dropped)
        return Answer(reply.status, reply.reason, tuple(reply.headers), b"".join(reply.body))

    # --- the clock ----------------------------------------------------------------------------------------------

    def _set_clock(self, at: int) -> None:
        self._now = at
        self._clock.set(at)

    def _instant_of(self, answer: Answer) -> int:
        """When the service answered, as exactly as the answer says it, and never before the last answer."""
        stamp = _told(instants.from_etag, answer.header("ETag"))
        if stamp not in self._seen and stamp not in self._known.given and stamp > self._now:
            self._seen.add(stamp)
            return stamp
        error_time = answer.body.partition(b"\nTime:")[2].partition(b"<")[0].decode() if answer.code else None
        told = (
            _told(instants.from_file_time, answer.header("x-ms-snapshot"))
            or _told(instants.from_file_time, error_time)
            or _told(instants.from_http_date, answer.header("Date"))
        )
        return max(self._now + 1, told)

    # --- values that the service made up ------------------------------------------------------------------------

    def _recorded(self, answer: Answer) -> Answer:
        """The recorded answer with the account that URLs in its headers name: recordings hide it elsewhere only."""
        headers = tuple((k, self._own_url(v) if k.lower() in URL_HEADERS else v) for k, v in answer.headers)
        return Answer(answer.status, answer.reason, headers, answer.body)

    def _translated(self, name: str, value: str) -> str:
        if name.lower() in URL_HEADERS:
            url = self._own_url(value)
            return signed_again(urlsplit(url).netloc.partition(".")[0], KEY, self._translated_target(url))
        kind = HEADER_KINDS.get(name.lower())
        return value if kind is None else self._known.translate(kind, value)

    def _translated_target(self, target: str) -> str:
        path, mark, query = target.partition("?")
        return path + mark + "&".join(self._translated_parameter(part) for part in query.split("&"))

    def _translated_parameter(self, part: str) -> str:
        name, equals, raw = part.partition("=")
        kind: Kind | None = QUERY_KINDS.get(name)
        value = unquote(raw)
        translated = value if kind is None else self._known.translate(kind, value)
        return part if translated == value else name + equals + quote(translated, safe="")

    def _own_url(self, url: str) -> str:
        """The recordings' accounts were renamed in request URLs, but not where a header names them."""
        parts = urlsplit(url)
        owner = self._owners.get(unquote(parts.path.lstrip("/").partition("/")[0]))
        return url if owner is None else urlunsplit(parts._replace(netloc=_host(owner)))


def _host(account: str) -> str:
    return f"{account}.file.core.windows.net"


def _account(facts: AccountFacts) -> AccountSpec:
    return AccountSpec(ACCOUNT, facts.kind, (KEY,), facts.soft_delete_days)


def _told(read: Callable[[str], int], text: str | None) -> int:
    """The instant that a text says, 0 where it says none: comparing will report what is wrong with its form."""
    try:
        return read(text) if text else 0
    except ValueError:
        return 0


def _given(session: Session) -> frozenset[int | str]:
    """Values that requests name before anybody made them up: times, and lease ids that a client proposes."""
    given: set[int | str] = set()
    for interaction in session.interactions:
        for name, value in interaction.headers:
            if name.lower() in GIVEN_TIMES and (instant := instants.from_given_time(value)) is not None:
                given.add(instant)
            elif name.lower() == "x-ms-proposed-lease-id":
                given.add(value)
    return frozenset(given)


def _names(session: Session) -> frozenset[str]:
    return frozenset(part for interaction in session.interactions for part in interaction.components)
