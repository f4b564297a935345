"""Which operation a request asks for, by resource level, ``restype``, ``comp``, method, and here and there a header.

One row for each of the 57 operations. Root directories are addressed at the share's own path with
``restype=directory``, so rows of directories hold there, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.quick import dataclass
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.operations import OPERATIONS, Operation
from azfiles_sim.wire.query import Query
from azfiles_sim.wire.refusals import bad_query

Test = Callable[[Call], bool]

SERVICE: Final = 0
SHARE: Final = 1
BELOW: Final = 2
VERBS: Final = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "MERGE", "TRACE", "CONNECT"})


@dataclass(frozen=True, slots=True)
class Route:
    """One row. ``levels`` counts path segments (2: two or more); of several rows that fit, the first whose ``test``
    holds wins; the last of them has none.
    """

    methods: tuple[str, ...]
    levels: tuple[int, ...]
    restype: str
    comp: str
    number: str
    test: Test | None = None


def _has(name: str) -> Test:
    return lambda call: name in call.headers


def _says(name: str, value: str) -> Test:
    return lambda call: call.headers.get(name, "").lower() == value


def _is_paged(call: Call) -> bool:
    """To versions without pages these are parameters of List Ranges that came later."""
    return call.version >= OPERATIONS["F12"].since and bool(call.query.get("marker") or call.query.get("maxresults"))


def _is_of_directory(call: Call) -> bool:
    return len(call.segments) == 1 or "x-ms-recursive" in call.headers


_READ: Final = ("GET", "HEAD")
_GET: Final = ("GET",)
_PUT: Final = ("PUT",)
_DELETE: Final = ("DELETE",)
_ANY: Final = (SHARE, BELOW)
_ACTION: Final = "x-ms-lease-action"

ROUTES: Final[tuple[Route, ...]] = (
    Route(_GET, (SERVICE,), "", "list", "V1"),
    Route(_GET, (SERVICE,), "service", "properties", "V2"),
    Route(_PUT, (SERVICE,), "service", "properties", "V3"),
    Route(("POST",), (SERVICE,), "service", "userdelegationkey", "V4"),
    # V5, OPTIONS on any path, is found before the table.
    Route(_PUT, (SHARE,), "share", "", "H1"),
    Route(_READ, (SHARE,), "share", "", "H2"),
    Route(_DELETE, (SHARE,), "share", "", "H3"),
    Route(_PUT, (SHARE,), "share", "properties", "H4"),
    Route(_PUT, (SHARE,), "share", "metadata", "H5"),
    Route(_READ, (SHARE,), "share", "metadata", "H6"),
    Route(_GET, (SHARE,), "share", "acl", "H7"),
    Route(_PUT, (SHARE,), "share", "acl", "H8"),
    Route(_GET, (SHARE,), "share", "stats", "H9"),
    Route(_PUT, (SHARE,), "share", "snapshot", "H10"),
    Route(_PUT, (SHARE,), "share", "undelete", "H11"),
    Route(_PUT, (SHARE,), "share", "filepermission", "H12"),
    Route(_GET, (SHARE,), "share", "filepermission", "H13"),
    Route(_PUT, (SHARE,), "share", "lease", "H15", _says(_ACTION, "renew")),
    Route(_PUT, (SHARE,), "share", "lease", "H16", _says(_ACTION, "change")),
    Route(_PUT, (SHARE,), "share", "lease", "H17", _says(_ACTION, "release")),
    Route(_PUT, (SHARE,), "share", "lease", "H18", _says(_ACTION, "break")),
    Route(_PUT, (SHARE,), "share", "lease", "H14"),
    Route(_PUT, _ANY, "directory", "", "D1"),
    Route(_READ, _ANY, "directory", "", "D2"),
    Route(_DELETE, _ANY, "directory", "", "D3"),
    Route(_PUT, _ANY, "directory", "properties", "D4"),
    Route(_PUT, _ANY, "directory", "metadata", "D5"),
    Route(_READ, _ANY, "directory", "metadata", "D6"),
    Route(_GET, _ANY, "directory", "list", "D7"),
    Route(_GET, _ANY, "", "listhandles", "D8", _is_of_directory),
    Route(_GET, _ANY, "", "listhandles", "F15"),
    Route(_PUT, _ANY, "", "forceclosehandles", "D9", _is_of_directory),
    Route(_PUT, _ANY, "", "forceclosehandles", "F16"),
    Route(_PUT, (BELOW,), "directory", "rename", "D10"),
    Route(_PUT, (BELOW,), "", "", "F13", _has("x-ms-copy-source")),
    Route(_PUT, (BELOW,), "", "", "F1"),
    Route(_GET, (BELOW,), "", "", "F2"),
    Route(("HEAD",), (BELOW,), "", "", "F3"),
    Route(_DELETE, (BELOW,), "", "", "F4"),
    Route(_PUT, (BELOW,), "", "properties", "F5"),
    Route(_PUT, (BELOW,), "", "metadata", "F6"),
    Route(_READ, (BELOW,), "", "metadata", "F7"),
    Route(_PUT, (BELOW,), "", "range", "F10", _has("x-ms-copy-source")),
    Route(_PUT, (BELOW,), "", "range", "F9", _says("x-ms-write", "clear")),
    Route(_PUT, (BELOW,), "", "range", "F8"),
    Route(_GET, (BELOW,), "", "rangelist", "F12", _is_paged),
    Route(_GET, (BELOW,), "", "rangelist", "F11"),
    Route(_PUT, (BELOW,), "", "copy", "F14"),
    Route(_PUT, (BELOW,), "", "lease", "F18", _says(_ACTION, "change")),
    Route(_PUT, (BELOW,), "", "lease", "F19", _says(_ACTION, "release")),
    Route(_PUT, (BELOW,), "", "lease", "F20", _says(_ACTION, "break")),
    Route(_PUT, (BELOW,), "", "lease", "F17"),
    Route(_PUT, (BELOW,), "", "rename", "F21"),
    Route(_PUT, (BELOW,), "hardlink", "", "F22"),
    Route(_PUT, (BELOW,), "symboliclink", "", "F23"),
    Route(_GET, (BELOW,), "symboliclink", "", "F24"),
)

_Choices = dict[str, list[tuple[Test | None, Operation]]]


def _index() -> dict[tuple[int, str, str], _Choices]:
    index: dict[tuple[int, str, str], _Choices] = {}
    for row in ROUTES:
        for level in row.levels:
            choices = index.setdefault((level, row.restype, row.comp), {})
            for method in row.methods:
                choices.setdefault(method, []).append((row.test, OPERATIONS[row.number]))
    return index


_INDEX: Final = _index()


def route(call: Call) -> Operation:
    """The operation that a request asks for.

    Raises InvalidHttpVerb for a method that is none, UnsupportedHttpVerb (405) for a method that the resource has
    not, InvalidQueryParameterValue for a ``restype`` or ``comp`` that is not known there, and InvalidUri for a path
    that stands for nothing without them.
    """
    method = call.method
    if method == "OPTIONS":
        return OPERATIONS["V5"]
    if method not in VERBS:
        raise ServiceError(Code.INVALID_HTTP_VERB)
    restype, comp = call.query.restype, call.query.comp
    level = min(len(call.segments), BELOW)
    choices = _INDEX.get((level, restype, comp))
    if choices is None:
        raise _unknown(call, restype, comp, level)
    found = choices.get(method)
    if found is None:
        raise ServiceError(Code.UNSUPPORTED_HTTP_VERB)
    for test, operation in found:
        if test is None or test(call):
            return operation
    raise AssertionError("the last row of each kind has no test")  # pragma: no cover - the table is made so


def _unknown(call: Call, restype: str, comp: str, level: int) -> ServiceError:
    if restype and not any(key[:2] == (level, restype) for key in _INDEX):
        return bad_query("restype", call.query["restype"])
    if comp:
        return bad_query("comp", call.query["comp"])
    # (u) A share's path without restype: reading it finds no file, anything else addresses nothing.
    return ServiceError(Code.RESOURCE_NOT_FOUND if level == SHARE and call.method in _READ else Code.INVALID_URI)


def check_since(operation: Operation, version: str, query: Query) -> None:
    """Refuse an operation newer than the request's version: to that version its ``comp`` or ``restype`` is unknown.

    (u) the code; what the service answers is not recorded.
    """
    if version >= operation.since:
        return
    name = "comp" if query.get("comp") else "restype"
    raise bad_query(name, query.get(name, ""), f"{operation.name} needs the version {operation.since} or newer.")
