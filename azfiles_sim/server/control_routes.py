"""What each endpoint of the control interface takes and answers: a table of routes and one small function for each.

What is done is in ``azfiles_sim.control``; here arguments are read from JSON and results told in it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final, cast

from azfiles_sim.accounts import AccountsError, AccountSpec
from azfiles_sim.clock import OffsetClock
from azfiles_sim.faults import Script, document_of, script_of
from azfiles_sim.journal import Entry
from azfiles_sim.model.entities import Handle
from azfiles_sim.server.asked import Asked, Json, Route
from azfiles_sim.server.endpoints import CONTROL_PATH, account_record
from azfiles_sim.server.guarding import Refused
from azfiles_sim.wire.dates import iso_time, parse_iso_time


def _index(_asked: Asked) -> Json:
    return {
        "paths": [
            {"method": route.method, "path": f"{CONTROL_PATH}{route.path}", "body": route.body, "query": route.query}
            for route in ROUTES
        ]
    }


def _reset(asked: Asked) -> Json:
    asked.control.reset()
    return {}


def _forks(asked: Asked) -> Json:
    return {"forks": asked.control.forks()}


def _fork(asked: Asked) -> Json:
    asked.control.fork(asked.path[0])
    return _forks(asked)


def _drop_fork(asked: Asked) -> Json:
    asked.control.drop_fork(asked.path[0])
    return _forks(asked)


def _restore(asked: Asked) -> Json:
    asked.control.restore(asked.path[0])
    return {}


def _diff(asked: Asked) -> Json:
    found = asked.control.diff(asked.query.get("before"), asked.query.get("after"))
    return {"differences": [{name: value for name, value in asdict(one).items() if value} for one in found]}


def _clock(asked: Asked) -> Json:
    clock = asked.simulator.clock
    frozen = clock.frozen if isinstance(clock, OffsetClock) else hasattr(clock, "advance")
    return {"now": iso_time(clock.now()), "frozen": frozen}


def _set_clock(asked: Asked) -> Json:
    asked.need("now", "an instant, or null for the machine's time")
    told = asked.text("now", None)
    if told is None:
        asked.control.follow_machine()
        return _clock(asked)
    instant = parse_iso_time(told)
    if instant is None:
        raise Refused(400, "now must be an instant like 2026-01-31T12:00:00Z, or null for the machine's time")
    asked.control.set_time(instant)
    return _clock(asked)


def _advance(asked: Asked) -> Json:
    asked.control.advance(asked.number("seconds"))
    return _clock(asked)


def _freeze(asked: Asked) -> Json:
    asked.control.freeze()
    return _clock(asked)


def _unfreeze(asked: Asked) -> Json:
    asked.control.unfreeze()
    return _clock(asked)


def _seed(asked: Asked) -> Json:
    asked.control.seed(asked.whole("seed"))
    return {}


def _accounts(asked: Asked) -> Json:
    return {"accounts": [_account_told(asked, spec) for spec in asked.simulator.accounts]}


def _create_account(asked: Asked) -> Json:
    key = asked.text("key", None)
    made = asked.control.create_account(
        asked.text("name", None),
        kind=asked.text("kind", "standard"),
        keys=() if key is None else (_decoded(key, AccountsError("key must be base64")),),
        soft_delete_days=asked.whole("soft_delete_days", None),
    )
    return _account_told(asked, made)


def _change_account(asked: Asked) -> Json:
    asked.need("soft_delete_days", "a whole number, or null for not at all")
    asked.control.set_soft_delete(asked.path[0], asked.whole("soft_delete_days", None))
    return {}


def _delete_account(asked: Asked) -> Json:
    asked.control.delete_account(asked.path[0])
    return {}


def _account_told(asked: Asked, spec: AccountSpec) -> Json:
    return account_record(spec, f"{asked.base}/{spec.name}")


def _plant(asked: Asked) -> Json:
    files = asked.body.get("files", {})
    if not isinstance(files, dict):
        raise Refused(400, "files must be an object of paths and contents")
    planted = {path: _content(path, told) for path, told in cast("Json", files).items()}
    account, share = asked.path
    asked.control.plant(account, share, planted)
    return {"planted": len(planted)}


def _content(path: str, told: object) -> bytes | None:
    if told is None:
        return None
    if isinstance(told, str):
        return told.encode("utf-8")
    if isinstance(told, dict) and isinstance(coded := cast("Json", told).get("base64"), str):
        return _decoded(coded, Refused(400, f"the base64 of {path} cannot be read"))
    raise Refused(400, f'{path} must be a text, {{"base64": "..."}}, or null for a directory')


def _decoded(text: str, refusal: Exception) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise refusal from None


def _export(asked: Asked) -> Json:
    snapshot = asked.text("snapshot", None)
    account, share = asked.path
    return {"entries": asked.control.export_share(account, share, asked.folder(), snapshot=snapshot)}


def _import(asked: Asked) -> Json:
    replace = asked.truth("replace", default=False)
    account, share = asked.path
    return {"entries": asked.control.import_share(account, share, asked.folder(), replace=replace)}


_HANDLE_TOLD: Final = (
    "handle_id",
    "path",
    "session_id",
    "client_ip",
    "client_name",
    "access_rights",
    "delete_pending",
)
_HANDLE_TIMES: Final = ("opened", "last_reconnect", "snapshot")


def _handles(asked: Asked) -> Json:
    account, share = asked.path
    return {"handles": [_handle_told(handle) for handle in asked.control.handles(account, share)]}


def _handle_told(handle: Handle) -> Json:
    told = {name: getattr(handle, name) for name in _HANDLE_TOLD}
    told |= {name: iso_time(at) for name in _HANDLE_TIMES if (at := getattr(handle, name)) is not None}
    told["share_mode"] = [mode.value for mode in handle.share_mode]
    told["locks"] = [[lock.start, lock.end, lock.exclusive] for lock in handle.locks]
    return {name: value for name, value in told.items() if value is not None}


def _open_handle(asked: Asked) -> Json:
    account, share = asked.path
    return {"handle_id": asked.simulator.open_handle(account, share, asked.text("path", ""), **_handle_options(asked))}


def _handle_options(asked: Asked) -> Json:
    given = asked.body
    options: Json = {name: asked.text(name) for name in ("client_ip", "client_name", "snapshot") if name in given}
    options |= {name: asked.whole(name) for name in ("handle_id", "session_id") if name in given}
    options |= {name: _texts(asked, name) for name in ("access", "access_rights", "share_mode") if name in given}
    if "delete_pending" in given:
        options["delete_pending"] = asked.truth("delete_pending")
    if "locks" in given:
        options["locks"] = [_lock(lock) for lock in _items(given["locks"], "locks must be a list")]
    return options


def _texts(asked: Asked, name: str) -> tuple[str, ...]:
    refusal = f"{name} must be a list of texts"
    items = _items(asked.body[name], refusal)
    if not all(isinstance(item, str) for item in items):
        raise Refused(400, refusal)
    return cast("tuple[str, ...]", items)


def _lock(told: object) -> tuple[object, ...]:
    refusal = "a lock is a list of its first and its last offset, and false where it is shared"
    lock = _items(told, refusal)
    if [type(item) for item in lock] not in ([int, int], [int, int, bool]):
        raise Refused(400, refusal)
    return lock


def _items(value: object, refusal: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise Refused(400, refusal)
    return tuple(cast("Iterable[object]", value))


def _close_handles(asked: Asked) -> Json:
    account, share = asked.path
    return {"closed": asked.control.close_handles(account, share)}


def _close_handle(asked: Asked) -> Json:
    account, share, told = asked.path
    closed = asked.control.close_handles(account, share, _whole(told, "the handle's number"))
    if not closed:
        raise Refused(404, f"the share {share} has no open handle {told}")
    return {"closed": closed}


_FILTERS: Final = ("account", "operation", "method", "status", "error_code")


def _journal(asked: Asked) -> Json:
    since = _whole(asked.query.get("since", "0"), "since")
    limit = asked.query.get("limit")
    wanted = {name: asked.query[name] for name in _FILTERS if name in asked.query}
    entries = asked.control.journal(
        since,
        keep=lambda entry: all(str(getattr(entry, name)) == value for name, value in wanted.items()),
        limit=None if limit is None else _whole(limit, "limit"),
    )
    told = [_entry_told(number, entry) for number, entry in entries]
    return {"entries": told, "last": asked.simulator.journal.last_number}


def _entry_told(number: int, entry: Entry) -> Json:
    return {"number": number, **entry._asdict(), "at": iso_time(entry.at)}


def _whole(text: str, told: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise Refused(400, f"{told} must be a whole number")
    return int(text)


def _faults(asked: Asked) -> Json:
    faults = asked.control.faults
    plan = faults.plan
    told = None if plan is None else document_of(plan) if isinstance(plan, Script) else {"made_in": "Python"}
    return {"plan": told, "calls": faults.calls, "happened": len(faults.diary)}


def _set_faults(asked: Asked) -> Json:
    asked.need("rules", "a list; docs/faults.md tells what a rule is")
    asked.control.faults.plan = script_of(asked.body)
    return _faults(asked)


def _clear_faults(asked: Asked) -> Json:
    asked.control.faults.plan = None
    return _faults(asked)


def _diary(asked: Asked) -> Json:
    since = _whole(asked.query.get("since", "0"), "since")
    entries = [entry for entry in asked.control.faults.diary if entry.number > since]
    told = [
        {"number": one.number, "name": one.name, "request": one.request, "fault": str(one.outcome)} for one in entries
    ]
    return {"entries": told, "text": "".join(f"{one.line}\n" for one in entries)}


_SHARE: Final = "/accounts/*/shares/*"
_HANDLE: Final = (
    "path",
    "handle_id",
    "session_id",
    "client_ip",
    "client_name",
    "access_rights",
    "snapshot",
    "access",
    "share_mode",
    "delete_pending",
    "locks",
)

ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "", _index),
    Route("POST", "/reset", _reset),
    Route("GET", "/forks", _forks),
    Route("PUT", "/forks/*", _fork, 201),
    Route("DELETE", "/forks/*", _drop_fork),
    Route("POST", "/forks/*/restore", _restore),
    Route("GET", "/diff", _diff, query=("before", "after")),
    Route("GET", "/clock", _clock),
    Route("PUT", "/clock", _set_clock, body=("now",)),
    Route("POST", "/clock/advance", _advance, body=("seconds",)),
    Route("POST", "/clock/freeze", _freeze),
    Route("POST", "/clock/run", _unfreeze),
    Route("POST", "/seed", _seed, body=("seed",)),
    Route("GET", "/accounts", _accounts),
    Route("POST", "/accounts", _create_account, 201, body=("name", "kind", "key", "soft_delete_days")),
    Route("PATCH", "/accounts/*", _change_account, body=("soft_delete_days",)),
    Route("DELETE", "/accounts/*", _delete_account),
    Route("POST", f"{_SHARE}/files", _plant, 201, body=("files",)),
    Route("POST", f"{_SHARE}/export", _export, 201, body=("folder", "snapshot")),
    Route("POST", f"{_SHARE}/import", _import, 201, body=("folder", "replace")),
    Route("GET", f"{_SHARE}/handles", _handles),
    Route("POST", f"{_SHARE}/handles", _open_handle, 201, body=_HANDLE),
    Route("DELETE", f"{_SHARE}/handles", _close_handles),
    Route("DELETE", f"{_SHARE}/handles/*", _close_handle),
    Route("GET", "/faults", _faults),
    Route("PUT", "/faults", _set_faults, body=("seed", "by_name", "rules")),
    Route("DELETE", "/faults", _clear_faults),
    Route("GET", "/faults/diary", _diary, query=("since",)),
    Route("GET", "/journal", _journal, query=("since", "limit", *_FILTERS)),
)

__all__ = ["ROUTES"]
