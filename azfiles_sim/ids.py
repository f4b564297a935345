"""Identifiers that a simulator gives out, all from a seed and a counter: the same seed, the same bytes."""

from __future__ import annotations

import threading
from hashlib import blake2b
from typing import Final

_REQUEST: Final = b"request"
_GUID: Final = b"guid"
_AT_ONCE: Final = 32


class SeededIds:
    """GUIDs and request ids. Safe to use from several threads; which thread gets which number is theirs to race for."""

    def __init__(self, seed: int = 0, *, requests: int = 0, guids: int = 0) -> None:
        self._seed = seed
        self._key = blake2b(str(seed).encode("ascii"), digest_size=32).digest()
        self._begun = {purpose: self._begin(purpose) for purpose in (_REQUEST, _GUID)}
        self._requests = requests
        self._ready: list[str] = []
        """Of the ids up to number ``requests`` those that were not given out yet, the next one last."""
        self._guids = guids
        self._lock = threading.Lock()

    def request_id(self) -> str:
        """The next request id, in the form of the service's (``dff22ea4-f01a-005d-0f07-063f2f000000``)."""
        while True:
            try:
                return self._ready.pop()
            except IndexError:
                self._make_ready()

    def _make_ready(self) -> None:
        """Make some request ids in one go: among all else that a request takes, each costs three times as much."""
        with self._lock:
            if not self._ready:  # else another thread was here
                self._requests += _AT_ONCE
                numbers = range(self._requests, self._requests - _AT_ONCE, -1)
                self._ready = [self._request_id(number) for number in numbers]

    def _request_id(self, number: int) -> str:
        text = self._hash(_REQUEST, number)
        return f"{text[:8]}-{text[8]}01{'ae'[number & 1]}-00{text[9:11]}-{text[11:13]}07-{text[13:19]}000000"

    def guid(self) -> str:
        """The next GUID, in lower case with dashes; it has the form of a random one."""
        with self._lock:
            self._guids += 1
            number = self._guids
        text = self._hash(_GUID, number)
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def secret(self, purpose: str) -> bytes:
        """32 bytes for a purpose: the same for the same seed, whatever was given out before."""
        return blake2b(purpose.encode("ascii"), digest_size=32, key=self._key, person=b"secret").digest()

    def copy(self) -> SeededIds:
        """Another source that goes on with the same identifiers."""
        with self._lock:
            return SeededIds(self._seed, requests=self._requests - len(self._ready), guids=self._guids)

    def _begin(self, purpose: bytes) -> blake2b:
        return blake2b(digest_size=16, key=self._key, person=purpose)

    def _hash(self, purpose: bytes, number: int) -> str:
        begun = self._begun[purpose].copy()  # half the cost of taking in the key again, and every request has an id
        begun.update(number.to_bytes(8, "big"))
        return begun.hexdigest()


__all__ = ["SeededIds"]
