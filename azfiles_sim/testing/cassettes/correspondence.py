"""Values that the service makes up, and how those of the recording and those of the simulator belong together.

Within one recording and one kind, the same recorded value goes with the same simulated value and the other way
round. What somebody asked for (a time in a request, a proposed lease id) is not made up: it has to be the same.
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from azfiles_sim.testing.cassettes import instants

SLACK = 2 * instants.SECOND
"""How far a simulated clock time may be from the recorded one: the service's Date lags its ETags by up to 1.6 s."""

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PERMISSION_KEY = re.compile(r"\d{1,20}\*\d{1,20}")
_DECIMAL = re.compile(r"\d{1,20}")
_FILE_TIME = re.compile(r"[0-9A-F]{16}")
_MARKER = re.compile(r"1!(\d+)!(.+)", re.DOTALL)


_Pairs: TypeAlias = dict[int | str, int | str]


def _guid(text: str) -> str:
    return _form(_GUID, text)


def _permission_key(text: str) -> str:
    return _form(_PERMISSION_KEY, text)


def _file_id(text: str) -> str:
    return _form(_DECIMAL, text)


def _share_version(text: str) -> str:
    return _form(_FILE_TIME, text)


def _form(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"not of the service's form: {text}")
    return text


def _marker(text: str) -> str:
    match = _MARKER.fullmatch(text)
    if match and len(match[2]) != int(match[1]):
        raise ValueError(f"the marker's length is not {match[1]}: {text}")
    return text if match else "/" + text  # List Shares writes /account/name, which nothing shortens


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of made-up value. ``read`` checks the form and gives what is compared; ``timed`` ones keep their
    order and stay near the recorded time; values in ``fixed`` have a meaning of their own and map to themselves.
    """

    name: str
    read: Callable[[str], int | str]
    timed: bool = False
    fixed: frozenset[int | str] = frozenset()


ETAG = Kind("instant", instants.from_etag, timed=True)
FILE_TIME = Kind("instant", instants.from_file_time, timed=True)  # one name: an ETag may be a change time, and stays so
SNAPSHOT = Kind("snapshot", instants.from_snapshot, timed=True)
REQUEST_ID = Kind("request id", _guid)
COPY_ID = Kind("copy id", _guid)
LEASE_ID = Kind("lease id", _guid)
PERMISSION_KEY = Kind("permission key", _permission_key)
FILE_ID = Kind("file id", _file_id, fixed=frozenset({"0"}))  # the root
MARKER = Kind("marker", _marker)
SHARE_VERSION = Kind("version of a deleted share", _share_version)


@dataclass(slots=True)
class Correspondence:
    """The pairs seen so far. ``begun`` is when the session began, as recorded; ``given`` holds what requests named."""

    begun: int
    given: frozenset[int | str] = frozenset()
    names: frozenset[str] = frozenset()
    _forward: dict[str, _Pairs] = field(default_factory=dict[str, _Pairs])
    _backward: dict[str, _Pairs] = field(default_factory=dict[str, _Pairs])
    _texts: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _in_order: dict[str, list[tuple[int, int]]] = field(default_factory=dict[str, list[tuple[int, int]]])

    def fork(self) -> Correspondence:
        """The same pairs, to be gone on with apart."""
        forward = {kind: dict(pairs) for kind, pairs in self._forward.items()}
        backward = {kind: dict(pairs) for kind, pairs in self._backward.items()}
        in_order = {kind: list(pairs) for kind, pairs in self._in_order.items()}
        return Correspondence(self.begun, self.given, self.names, forward, backward, dict(self._texts), in_order)

    def match(self, kind: Kind, recorded: str, simulated: str) -> str | None:
        """Enter a pair. Returns what is wrong with it, or ``None``."""
        try:
            left, right = kind.read(recorded), kind.read(simulated)
        except ValueError as error:
            return str(error)
        if self._means_something(kind, recorded, left) or self._means_something(kind, simulated, right):
            return None if left == right else "not made up, so it has to be the same"
        forward, backward = self._forward.setdefault(kind.name, {}), self._backward.setdefault(kind.name, {})
        if forward.get(left, right) != right:
            return f"the same {kind.name} as before in the recording, another one in the simulator"
        if backward.get(right, left) != left:
            return f"another {kind.name} than before in the recording, the same one in the simulator"
        if kind.timed and (wrong := self._mistimed(kind, left, right)):
            return wrong
        forward[left], backward[right] = right, left
        self._texts[kind.name, recorded] = simulated
        return None

    def translate(self, kind: Kind, recorded: str) -> str:
        """What the simulator calls a value that a recorded request names; the same where it never gave one out."""
        return self._texts.get((kind.name, recorded), recorded)

    def _means_something(self, kind: Kind, text: str, value: int | str) -> bool:
        if value in kind.fixed or value in self.given:
            return True
        return kind is MARKER and bool(names_in_marker(text) & self.names)

    def _mistimed(self, kind: Kind, left: int | str, right: int | str) -> str | None:
        if not isinstance(left, int) or not isinstance(right, int):
            return None
        if left >= self.begun and abs(left - right) > SLACK:
            return f"{abs(left - right) / instants.SECOND:.1f} s away from the recorded time"
        # All pairs so far are in order, so the neighbours decide.
        pairs = self._in_order.setdefault(kind.name, [])
        place = bisect_left(pairs, (left, right))
        before, after = pairs[max(place - 1, 0) : place], pairs[place : place + 1]
        if after == [(left, right)]:
            return None
        if (before and not before[0][1] < right) or (after and not right < after[0][1]):
            return "the order of two instants is not the recorded one"
        pairs.insert(place, (left, right))
        return None


def names_in_marker(text: str) -> set[str]:
    """The name that a marker begins the next page with, in the two forms that say it; else nothing."""
    if text.startswith("/"):
        return {text.rpartition("/")[2]}
    if match := _MARKER.fullmatch(text):
        try:
            return {base64.b64decode(match[2].replace("-", "="), validate=True).decode()}
        except (binascii.Error, UnicodeDecodeError):
            return set()
    return set()
