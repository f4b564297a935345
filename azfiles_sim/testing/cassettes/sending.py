"""Requests of a recording, sent to a simulator under credentials of our own: a recording holds none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from azfiles_sim import Connection, Dropped, ManualClock, Request, Simulator
from azfiles_sim.testing.cassettes import instants
from azfiles_sim.testing.cassettes.sessions import Answer, Headers, Interaction, parse_query
from azfiles_sim.testing.cassettes.signing import authorization, signed_again, unsigned_token, without_signature

_WRONG_KEY: Final = b"a key that nobody knows"
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


class Sent(NamedTuple):
    """A request that is to be signed and sent; ``recorded`` is what it was, where it comes from a recording."""

    method: str
    target: str
    headers: Headers
    body: bytes
    account: str
    origin: str = ""
    recorded: Interaction | None = None


class _Signed(NamedTuple):
    """The target as it is sent, and the headers that the credential adds."""

    target: str
    headers: Headers


@dataclass(slots=True)
class Sender:
    """Asks ``simulator``, which has a clock that is set by hand and takes unsigned tokens. ``key`` is that of all its
    accounts.
    """

    simulator: Simulator
    key: bytes

    @property
    def clock(self) -> ManualClock:
        clock = self.simulator.clock
        if not isinstance(clock, ManualClock):
            raise TypeError("the simulator's clock has to be one that is set by hand")
        return clock

    def fork(self) -> Sender:
        """Another one with a simulator of its own in the same state."""
        return Sender(self.simulator.fork(), self.key)

    def send(self, sent: Sent) -> Answer:
        """Send a request so that it is let in, or refused as it was."""
        refused = sent.recorded.answer if sent.recorded is not None else None
        if refused is None or refused.status not in {401, 403}:
            return self._ask(sent, self._signed(sent, self.key))
        if refused.code == "NoAuthenticationInformation":
            return self._ask(sent, _Signed(sent.target, ()))
        # What was refused for its credential has none any more: first as if it was right but not enough, else a wrong one.
        before = self.simulator.fork()
        answer = self._ask(sent, self._signed(sent, self.key))
        if refused.code != "AuthenticationFailed" or answer.code == refused.code:
            return answer
        self.simulator = before
        return self._ask(sent, self._signed(sent, _WRONG_KEY))

    def _ask(self, sent: Sent, signed: _Signed) -> Answer:
        origin = sent.origin or f"https://{host_of(sent.account)}"
        scheme, _, host = origin.partition("://")
        headers = (("Host", host), *_kept(sent.headers), *signed.headers)
        request = Request(sent.method, signed.target, headers, (sent.body,) if sent.body else ())
        reply = self.simulator.handle(request, Connection(tls=scheme == "https"))
        if isinstance(reply, Dropped):  # only a plan of faults loses replies
            raise TypeError("a simulator without faults gave no answer")
        return Answer(reply.status, reply.reason, tuple(reply.headers), b"".join(reply.body))

    def _signed(self, sent: Sent, key: bytes) -> _Signed:
        """A shared access signature where the request had one, else Shared Key."""
        query = parse_query(sent.target)
        in_path = sent.recorded is not None and sent.recorded.account_in_path
        if "sig" in query and "skoid" not in query:
            return _Signed(signed_again(sent.account, key, sent.target, account_in_path=in_path), ())
        if query.get("comp") == "userdelegationkey" and sent.recorded is not None:
            return _Signed(sent.target, (("Authorization", f"Bearer {self._token_of(sent.recorded.answer)}"),))
        target = without_signature(sent.target) if "skoid" in query else sent.target
        kept = _kept(sent.headers)
        added: Headers = ()
        if not any(name.lower() in {"x-ms-date", "date"} for name, _ in kept):
            added = (("x-ms-date", instants.to_http_date(self.clock.now())),)
        signature = authorization(sent.account, key, sent.method, target, (*kept, *added))
        return _Signed(target, (*added, ("Authorization", signature)))

    def _token_of(self, answer: Answer) -> str:
        """A token of the user to whom a user delegation key was given: only one gets one."""
        user, tenant = (_in_document(answer, name) or _NOBODY for name in ("SignedOid", "SignedTid"))
        return unsigned_token(user, tenant, (self.clock.now() - instants.UNIX_EPOCH) // instants.SECOND)


def host_of(account: str) -> str:
    """An account's host in the public cloud."""
    return f"{account}.file.core.windows.net"


def _kept(headers: Headers) -> Headers:
    """The headers that are sent again: those of one hop, and credentials, are made anew."""
    return tuple(pair for pair in headers if pair[0].lower() not in {"host", "connection", "authorization"})


def _in_document(answer: Answer, element: str) -> str | None:
    """The text of the first element of a name in an answer's document."""
    found = re.search(rf"<{element}>([^<]*)</{element}>", answer.body.decode("utf-8", "replace"))
    return found[1] if found else None


__all__ = ["Sender", "Sent", "host_of"]
