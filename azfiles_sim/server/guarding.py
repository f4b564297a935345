"""Who may use the control interface: whoever has the token, from a page of nobody else's, by a loopback name.

The Host is checked because a page of another site can make its own name point to loopback; the Origin because a
browser sends requests for any page. Checked first, so that a foreign page cannot even try tokens.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection
from typing import Final

from azfiles_sim.messages import HeaderPairs
from azfiles_sim.quick import dataclass

TOKEN_VARIABLE: Final = "AZFILES_SIM_CONTROL_TOKEN"  # noqa: S105 - the variable's name
MIN_TOKEN_LENGTH: Final = 16

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]+")  # what a bearer token may consist of
_LOOPBACK: Final = re.compile(r"localhost|127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\[::1\]")
_PORT: Final = re.compile(r":[0-9]+$")


class Refused(Exception):
    """The request is not answered; ``status`` says how, the message why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets a request pass or raises Refused. ``hosts`` are names that are allowed beside the loopback ones."""

    token: bytes
    hosts: frozenset[str] = frozenset()

    def check(self, headers: HeaderPairs) -> None:
        """Raise Refused: 403 for a foreign Host or Origin, 401 for a wrong token."""
        self.check_site(headers)
        scheme, _, given = _value(headers, "authorization").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("utf-8"), self.token):
            raise Refused(401, "send 'Authorization: Bearer' with the control_token of the start line")

    def check_site(self, headers: HeaderPairs) -> None:
        """Raise Refused (403) for a foreign Host or Origin, whatever the token."""
        host = _value(headers, "host").lower()
        if not self._is_ours(host):
            raise Refused(403, "the Host is neither loopback nor one that --control-host allows")
        origin = _value(headers, "origin").lower()
        if origin and origin not in {f"http://{host}", f"https://{host}"}:
            raise Refused(403, "the request comes from another site's page (Origin)")

    def _is_ours(self, host: str) -> bool:
        name = _PORT.sub("", host)
        return _LOOPBACK.fullmatch(name) is not None or name in self.hosts

    def __repr__(self) -> str:
        return f"Guard(hosts={sorted(self.hosts)})"


def make_guard(token: str | None, hosts: Collection[str] = ()) -> tuple[Guard, str]:
    """A guard and its token, a fresh one where none is given. Raises ValueError for a token that is no good."""
    chosen = token or secrets.token_urlsafe(32)
    if len(chosen) < MIN_TOKEN_LENGTH or not _TOKEN.fullmatch(chosen):
        raise ValueError(f"a token has {MIN_TOKEN_LENGTH} or more of the characters A-Z a-z 0-9 - . _ ~ + / =")
    return Guard(chosen.encode("ascii"), frozenset(host.lower() for host in hosts)), chosen


def _value(headers: HeaderPairs, name: str) -> str:
    """The header's value, empty where it is missing; several are joined, and so are no value that is accepted."""
    return ", ".join([value.strip() for key, value in headers if key.lower() == name])


__all__ = ["MIN_TOKEN_LENGTH", "TOKEN_VARIABLE", "Guard", "Refused", "make_guard"]
