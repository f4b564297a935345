"""Cell tables: what each operation is answered in each lease state, by each of the ways in which it comes about.

A cell is a few steps: the way to the state, a look at it, the operation, and a look at what it left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from tests.oracle import steps as s

Steps: TypeAlias = tuple[s.Step, ...]


def _lease(on: str, action: str, lease: str | None = None, proposed: str | None = None, **times: int) -> s.Step:
    return s.Lease(on, action, lease, proposed, **times)


def _share(action: str, lease: str | None = None, proposed: str | None = None, **times: int) -> s.Step:
    return _lease(s.SHARE, action, lease, proposed, **times)


def _file(action: str, lease: str | None = None, proposed: str | None = None) -> s.Step:
    return _lease(s.FILE, action, lease, proposed, **({"duration_s": -1} if action == "acquire" else {}))


_FIXED: Final = _share("acquire", proposed="A", duration_s=30)
_INFINITE: Final = _share("acquire", proposed="A", duration_s=-1)
_SHORT: Final = _share("acquire", proposed="A", duration_s=15)

SHARE_STATES: Final[dict[str, Steps]] = {
    "missing": (s.Delete(s.SHARE),),
    "available": (),
    "released": (_FIXED, _share("release", "A")),
    "fixed": (_FIXED, s.Wait(10)),
    "infinite": (_INFINITE,),
    "renewed": (_FIXED, s.Wait(20), _share("renew", "A")),
    "breaking": (_INFINITE, _share("break", period_s=10)),
    "breaking as long as it was held": (_FIXED, s.Wait(20), _share("break")),
    "broken at once": (_FIXED, _share("break", period_s=0)),
    "broken in time": (_FIXED, _share("break", period_s=5), s.Wait(5)),
    "expired": (_SHORT, s.Wait(15)),
    "created again": (_FIXED, s.Delete(s.SHARE, "A"), s.Create(s.SHARE)),
}
FILE_STATES: Final[dict[str, Steps]] = {
    "missing": (s.Delete(s.FILE),),
    "available": (),
    "released": (_file("acquire", proposed="A"), _file("release", "A")),
    "leased": (_file("acquire", proposed="A"),),
    "changed": (_file("acquire", proposed="B"), _file("change", "B", "A")),
    "broken": (_file("acquire", proposed="A"), _file("break")),
    "broken and written": (_file("acquire", proposed="A"), _file("break"), s.SetMetadata(s.FILE)),
    "created again": (_file("acquire", proposed="A"), s.Delete(s.FILE, "A"), s.Create(s.FILE, 1024)),
}
_IDS: Final = (None, "A", "B")
_METADATA: Final = (("m", "1"),)


def _share_operations() -> Iterator[Steps]:
    for proposed in _IDS:
        for seconds in (15, 60, -1, 14, 61, 0):
            yield (_share("acquire", proposed=proposed, duration_s=seconds),)
    for lease in ("A", "B"):
        yield (_share("renew", lease),)
        yield (_share("release", lease),)
        for proposed in ("A", "B", "C"):
            yield (_share("change", lease, proposed),)
    for lease in (None, "B"):
        for period in ({}, {"period_s": 0}, {"period_s": 5}, {"period_s": 20}, {"period_s": 60}):
            yield (_share("break", lease, **period),)
    for lease in _IDS:
        yield (s.ShowMetadata(s.SHARE, lease),)
        yield (s.SetMetadata(s.SHARE, _METADATA, lease),)
        yield (s.ShowPolicies(lease),)
        yield (s.SetPolicies((("p", "r"),), lease),)
        yield (s.Show(s.SHARE, lease),)
        yield (s.Delete(s.SHARE, lease),)
    yield (s.Create(s.SHARE),)
    yield (s.Create(s.FILE, 512), s.Delete(s.FILE))


def _deadlines() -> Iterator[Steps]:
    """What shows a deadline from both sides."""
    for step in (_share("renew", "A"), _share("acquire", proposed="A", duration_s=60), _share("break", period_s=60)):
        for seconds in (9, 10, 14, 15, 19, 20, 29, 30, 59, 60):
            yield (step, s.Wait(seconds))
    for seconds in (5, 10):
        yield (s.Wait(seconds), _share("break"))
        yield (s.Wait(seconds), _share("renew", "A"), s.Wait(20))


def _file_operations() -> Iterator[Steps]:
    for proposed in _IDS:
        yield (_file("acquire", proposed=proposed),)
    for lease in ("A", "B"):
        yield (_file("release", lease),)
        for proposed in ("A", "B", "C"):
            yield (_file("change", lease, proposed),)
    for lease in (None, "A", "B"):
        yield (_file("break", lease),)
        yield (_file("break", lease), s.SetMetadata(s.FILE), s.Show(s.FILE, "A"))
        for step in (
            s.Show(s.FILE), s.ShowMetadata(s.FILE), s.Read(), s.ListRanges(), s.SetMetadata(s.FILE, _METADATA),
            s.Write(0, 512), s.Clear(0, 512), s.Resize(2048), s.SetHeaders((("content-type", "text/plain"),)),
            s.Create(s.FILE, 2048), s.Delete(s.FILE),
        ):  # fmt: skip
            yield (s.with_lease(step, lease),)


_ENDING: Final = ("fixed", "infinite", "renewed", "breaking", "expired")
KINDS: Final = (
    (s.SHARE, (s.Create(s.SHARE),), SHARE_STATES, tuple(_share_operations())),
    (s.SHARE, (s.Create(s.SHARE),), {state: SHARE_STATES[state] for state in _ENDING}, tuple(_deadlines())),
    (s.FILE, (s.Create(s.SHARE), s.Create(s.FILE, 1024)), FILE_STATES, tuple(_file_operations())),
)


def cells() -> Iterator[Steps]:
    for on, prelude, states, operations in KINDS:
        for way in states.values():
            for operation in operations:
                yield (*prelude, *way, s.Show(on), *operation, s.Show(on))
