"""The referee: a recorded session of the service is played into a fresh simulator, and the answers compared.

The clock is set from what each recorded answer says of the service's time, so that times can be compared and not only
mapped. What a session takes for granted is made before it begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from azfiles.cassette.addresses import parse_uri, rename_account, split_uri
from azfiles.errors import CassetteError
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.accounts import ACCOUNT_NAME, AccountSpec
from azfiles_sim.model.quirks import RECORDED_2019, Quirks
from azfiles_sim.testing.cassettes import instants
from azfiles_sim.testing.cassettes.comparing import Difference, compare
from azfiles_sim.testing.cassettes.correspondence import (
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
from azfiles_sim.testing.cassettes.preparing import plan, share_across_origins
from azfiles_sim.testing.cassettes.sending import Sender, Sent, host_of
from azfiles_sim.testing.cassettes.sessions import Answer, Headers, Interaction, Session
from azfiles_sim.testing.cassettes.signing import signed_again
from azfiles_sim.testing.cassettes.staging import AccountFacts, HandleFacts, deduce, deduce_account
from azfiles_sim.testing.cassettes.timeline import Timeline

ACCOUNT: Final = "storagename"
"""What the account is called whose name a recording does not tell, or tells in a form that no account has."""
HOST: Final = f"{ACCOUNT}.file.core.windows.net"
KEY: Final = b"a key that only the referee and its simulator know"
# The oldest that the simulator speaks; creating needs no SMB headers in it.
_PREPARATION_VERSION: Final = ("x-ms-version", "2018-11-09")

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
_MOST_WORLDS: Final = 16


class Judged(NamedTuple):
    """How a session was played: every place where the simulator answers otherwise, and the referee at its end."""

    differences: list[Difference]
    referee: Referee


def judge(session: Session, *, quirks: Quirks = RECORDED_2019) -> list[Difference]:
    """Play a session and return every place where the simulator answers otherwise than the recording."""
    return play_whole(Referee(session, quirks)).differences


def play_whole(referee: Referee) -> Judged:
    """Prepare and play the session of a fresh referee.

    Whether a request was carried out that brought no answer, or that the service was unwell, nobody was told: both are
    followed, and of all that may have happened what agrees best with the answers that did come.
    """
    referee.prepare()
    worlds = [Judged([], referee)]
    for number, interaction in enumerate(referee.session.interactions):
        if not interaction.answer.is_mishap:
            for world in worlds:
                world.differences.extend(world.referee.judge_one(number, interaction))
        elif interaction.answer.may_have_acted:
            # Side by side, so that where there are too many, it is an older question that is left, and not the newest.
            worlds = [either for world in worlds for either in (world, _carried_out(world, interaction))]
        worlds = sorted(worlds, key=lambda world: len(world.differences))[:_MOST_WORLDS]
    return worlds[0]


def _carried_out(world: Judged, interaction: Interaction) -> Judged:
    other = world.referee.fork()
    other.play(interaction)
    return Judged(list(world.differences), other)


class Referee:
    """One play of one session against one simulator.

    ``account`` is whom the simulator has in the place of the recording's account, by default one of its name. With
    ``keep_ids``, lease ids that the service chose are given out as they were recorded.
    """

    def __init__(
        self,
        session: Session,
        quirks: Quirks = RECORDED_2019,
        *,
        account: AccountSpec | None = None,
        keep_ids: bool = False,
    ) -> None:
        self.session = session
        self._keep_ids = keep_ids
        self._left_out = session.left_out
        self._main = session.interactions[0].owner
        facts = deduce_account(session)
        name = account.name if account is not None else _name_of(self._main)
        keys = account.keys if account is not None else (KEY,)
        self._account = name
        self._owners = {
            one.components[0]: self._account_of(one.owner) for one in reversed(session.interactions) if one.components
        }
        # What other accounts hold is what the session puts there.
        mine = tuple(one for one in session.interactions if self._account_of(one.owner) == name)
        self._world = deduce(Session(session.name, mine))
        self._steps = plan(self._world)
        if any(one.answer.header("Vary") for one in session.interactions):
            # An account without rules of cross-origin sharing never sends Vary, so this one had some.
            self._steps.insert(0, share_across_origins(self._steps[0].at if self._steps else self._world.begun - SLACK))
        self._now = min([self._world.begun - SLACK, *(step.at for step in self._steps)])
        specs = [_spec(name, keys, facts)]
        specs += [AccountSpec(other, keys=keys[:1]) for other in sorted(self._others(name))]
        simulator = Simulator(specs, clock=ManualClock(self._now), quirks=quirks, bearer="development")
        self._sender = Sender(simulator, keys[0])
        self.known = Correspondence(self._world.begun - SLACK, _given(session), _names(session))
        self._seen = set(self._stamps_before())
        self._timeline = Timeline()

    @property
    def simulator(self) -> Simulator:
        """The simulator as it is now."""
        return self._sender.simulator

    def fork(self) -> Referee:
        """Another referee at the same place, with a simulator of its own."""
        other = copy(self)
        other.known = self.known.fork()
        other._seen = set(self._seen)  # noqa: SLF001 - another object of this very class
        other._timeline = copy(self._timeline)  # noqa: SLF001 - the same
        other._sender = self._sender.fork()  # noqa: SLF001 - the same
        return other

    def judge_one(self, number: int, interaction: Interaction) -> list[Difference]:
        """Play an interaction and compare."""
        simulated = self.play(interaction)
        recorded = self.as_compared(interaction.answer)
        return compare(number, recorded, simulated, self.known, exact=self.session.exact, left_out=self._left_out)

    def play(self, interaction: Interaction) -> Answer:
        """Send one recorded request, its made-up values translated, at the recorded time."""
        self._set_clock(self._instant_of(interaction))
        account = self._account_of(interaction.owner)
        origin, target = split_uri(self._own_uri(interaction))
        target = self._translated_target(target)
        headers = [(name, self._translated(name, value)) for name, value in interaction.headers]
        if self._keep_ids:
            headers += _proposed(interaction)
        sent = Sent(interaction.method, target, tuple(headers), interaction.body, account, origin, interaction)
        return self._sender.send(sent)

    def prepare(self) -> None:
        """Make the world that the session takes for granted. Raises ``CassetteError`` where the simulator refuses."""
        for step in self._steps:
            self._set_clock(max(step.at, self._now))
            date = ("x-ms-date", instants.to_http_date(self._now))
            headers = (*step.headers, ("Content-Length", str(len(step.body))), date, _PREPARATION_VERSION)
            answer = self._sender.send(Sent(step.method, step.target, headers, step.body, self._account))
            if not answer.succeeded:
                raise CassetteError(
                    f"preparing what the recording takes for granted: {step.method} {step.target}: "
                    f"{answer.status} {answer.code or answer.reason}"
                )
        for name, share in self._world.shares.items():
            for handle in share.handles.values():
                self._sender.clock.set(handle.opened)
                self._open(name, handle)
        self._set_clock(max(self._now, self._world.begun - SLACK))

    def _open(self, share: str, handle: HandleFacts) -> None:
        try:
            self.simulator.open_handle(
                self._account,
                share,
                handle.path,
                handle_id=handle.handle_id,
                session_id=handle.session_id,
                client_ip=handle.client_ip,
                snapshot=handle.snapshot,
            )
        except (LookupError, ValueError) as error:
            raise CassetteError(
                f"preparing what the recording takes for granted: an open handle in {share}/{handle.path}: {error}"
            ) from None

    def as_compared(self, answer: Answer) -> Answer:
        """The recorded answer with the account that URLs in its headers name: recordings hide it elsewhere only."""
        headers = tuple((k, self._own_url(v) if k.lower() in URL_HEADERS else v) for k, v in answer.headers)
        return Answer(answer.status, answer.reason, headers, answer.body)

    # --- accounts -----------------------------------------------------------------------------------------------

    def _account_of(self, owner: str) -> str:
        """Whom a request asked: the account of the first one, or another."""
        return self._account if owner == self._main else _name_of(owner)

    def _others(self, main: str) -> set[str]:
        named = {one.owner for one in self.session.interactions}
        named |= {parse_uri(v).account for one in self.session.interactions for k, v in one.headers if _is_source(k)}
        known = {self._account_of(name) for name in named if name}
        return {name for name in known if name != main and name in set(self._owners.values())}

    def _own_uri(self, interaction: Interaction) -> str:
        if not interaction.account:
            return f"https://{host_of(self._account_of(interaction.owner))}{interaction.target}"
        scheme = "https" if interaction.tls else "http"
        uri = f"{scheme}://{interaction.host}{interaction.target}"
        return rename_account(uri, self._account_of, account=interaction.account)

    def _own_url(self, url: str) -> str:
        """A URL in a header with the account that it has here. Older recordings hide an account in URLs of requests but
        not in headers; then whose share it is tells.
        """
        address = parse_uri(url)
        if address.account == self._main or address.account in self._owners.values():
            return rename_account(url, self._account_of)
        owner = self._owners.get(address.path.partition("/")[0])
        return url if owner is None else rename_account(url, lambda _: owner)

    # --- the clock ----------------------------------------------------------------------------------------------

    def _set_clock(self, at: int) -> None:
        self._now = at
        self._sender.clock.set(at)

    def _instant_of(self, interaction: Interaction) -> int:
        """When the service answered, as exactly as the recording says it, and never before the last answer."""
        answer = interaction.answer
        stamp = instants.told(instants.from_etag, answer.header("ETag")) or 0
        if stamp not in self._seen and stamp not in self.known.given and stamp > self._now:
            self._seen.add(stamp)
            self._timeline.learn(stamp, interaction.answered_s)
            return stamp
        error_time = answer.body.partition(b"\nTime:")[2].partition(b"<")[0].decode("latin-1") if answer.code else None
        if (exact := instants.told(instants.from_file_time, error_time)) is not None:
            self._timeline.learn(exact, interaction.answered_s)
            return max(self._now, exact)
        told = (
            instants.told(instants.from_file_time, answer.header("x-ms-snapshot"))
            or instants.told(instants.from_http_date, answer.header("Date"))
            or 0
        )
        return self._timeline.within(told, interaction.answered_s) if told > self._now else self._now

    def _stamps_before(self) -> Iterator[int]:
        for share in self._world.shares.values():
            if share.stamp is not None:
                yield share.stamp
            yield from (node.stamp for node in share.nodes.values() if node.stamp is not None)

    # --- values that the service made up ------------------------------------------------------------------------

    def _translated(self, name: str, value: str) -> str:
        if _is_source(name):
            url = self._own_url(value)
            address = parse_uri(url)
            in_path = address.account != split_uri(url)[0].partition("://")[2].partition(".")[0]
            return signed_again(
                address.account, self._sender.key, self._translated_target(url), account_in_path=in_path
            )
        kind = HEADER_KINDS.get(name.lower())
        return value if kind is None else self.known.translate(kind, value)

    def _translated_target(self, target: str) -> str:
        path, mark, query = target.partition("?")
        return path + mark + "&".join(self._translated_parameter(part) for part in query.split("&"))

    def _translated_parameter(self, part: str) -> str:
        name, equals, raw = part.partition("=")
        kind: Kind | None = QUERY_KINDS.get(name)
        value = unquote(raw)
        translated = value if kind is None else self.known.translate(kind, value)
        return part if translated == value else name + equals + quote(translated, safe="")


def _is_source(name: str) -> bool:
    return name.lower() in URL_HEADERS


def _name_of(owner: str) -> str:
    return owner if ACCOUNT_NAME.fullmatch(owner) else ACCOUNT


def _spec(name: str, keys: tuple[bytes, ...], facts: AccountFacts) -> AccountSpec:
    return AccountSpec(name, facts.kind, keys, facts.soft_delete_days)


def _proposed(interaction: Interaction) -> Headers:
    """The lease id that the service chose, as if it had been proposed."""
    chosen = interaction.answer.header("x-ms-lease-id")
    acquires = (interaction.header("x-ms-lease-action") or "").lower() == "acquire"
    if not acquires or not chosen or interaction.header("x-ms-proposed-lease-id"):
        return ()
    return (("x-ms-proposed-lease-id", chosen),)


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


__all__ = ["ACCOUNT", "HOST", "KEY", "Judged", "Referee", "judge", "play_whole"]
