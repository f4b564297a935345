"""Leases of shares and files: reading the action, and what replies show of a lease."""

from __future__ import annotations

from typing import Final

from azfiles_sim.model.commands import LeaseAction, LeaseFile, LeaseShare
from azfiles_sim.model.entities import Breaking, Broken, Expired, Lease, Leased
from azfiles_sim.model.results import LeaseResult
from azfiles_sim.wire.call import Answer, Call, HeaderList
from azfiles_sim.wire.dates import etag, http_date
from azfiles_sim.wire.headers import guid_header, int_header, required, snapshot_query
from azfiles_sim.wire.refusals import bad_header, missing_header

_ACTIONS: Final = {action.value: action for action in LeaseAction}
_ACTION: Final = "x-ms-lease-action"
_DURATION: Final = "x-ms-lease-duration"
_PROPOSED: Final = "x-ms-proposed-lease-id"
_PERIOD: Final = "x-ms-lease-break-period"
_STATUS: Final = {LeaseAction.ACQUIRE: 201, LeaseAction.BREAK: 202}
_NEEDS_ID: Final = frozenset({LeaseAction.RENEW, LeaseAction.CHANGE, LeaseAction.RELEASE})

SHORTEST_S: Final = 15
LONGEST_S: Final = 60
INFINITE: Final = -1


def lease_words(lease: Lease) -> tuple[str, str, str | None]:
    """Status, state and duration as headers and listings show them."""
    match lease:
        case Leased(until=until):
            return "locked", "leased", "infinite" if until is None else "fixed"
        case Breaking():
            return "locked", "breaking", None
        case Broken():
            return "unlocked", "broken", None
        case Expired():
            return "unlocked", "expired", None
        case _:
            return "unlocked", "available", None


def add_lease_headers(headers: HeaderList, lease: Lease) -> None:
    status, state, duration = lease_words(lease)
    headers += (("x-ms-lease-status", status), ("x-ms-lease-state", state))
    if duration is not None:
        headers.append((_DURATION, duration))


def read_action(call: Call) -> LeaseAction:
    text = required(call, _ACTION)
    action = _ACTIONS.get(text.lower())
    if action is None:
        raise bad_header(_ACTION, text)
    return action


def read_lease_share(call: Call) -> LeaseShare:
    """Lease Share. A duration outside 15 to 60 seconds that is not -1 is refused before the share is looked up."""
    action = read_action(call)
    return LeaseShare(
        account=call.account,
        version=call.version,
        share=call.share,
        snapshot=snapshot_query(call),
        lease_id=_lease_id(call, action),
        action=action,
        duration_s=_duration(call) if action is LeaseAction.ACQUIRE else None,
        break_period_s=int_header(call, _PERIOD, maximum=LONGEST_S) if action is LeaseAction.BREAK else None,
        proposed_id=_proposed(call, action),
    )


def read_lease_file(call: Call, path: tuple[str, ...]) -> LeaseFile:
    """Lease File. Its leases are infinite, so there is no other duration and no renewal ((u) the code of both)."""
    action = read_action(call)
    if action is LeaseAction.RENEW:
        raise bad_header(_ACTION, call.headers[_ACTION])
    if action is LeaseAction.ACQUIRE and _duration(call) is not None:
        raise bad_header(_DURATION, call.headers[_DURATION])
    return LeaseFile(
        account=call.account,
        version=call.version,
        share=call.share,
        path=path,
        lease_id=_lease_id(call, action),
        action=action,
        proposed_id=_proposed(call, action),
    )


def _lease_id(call: Call, action: LeaseAction) -> str | None:
    lease_id = guid_header(call, "x-ms-lease-id")
    if lease_id is None and action in _NEEDS_ID:
        raise missing_header("x-ms-lease-id")
    return lease_id


def _proposed(call: Call, action: LeaseAction) -> str | None:
    if action is LeaseAction.CHANGE:
        required(call, _PROPOSED)
    elif action is not LeaseAction.ACQUIRE:
        return None
    return guid_header(call, _PROPOSED)


def _duration(call: Call) -> int | None:
    text = required(call, _DURATION)
    seconds = int_header(call, _DURATION, minimum=INFINITE, maximum=LONGEST_S)
    if seconds == INFINITE:
        return None
    if seconds is None or seconds < SHORTEST_S:
        raise bad_header(_DURATION, text)
    return seconds


def render_lease_share(call: Call, result: LeaseResult) -> Answer:
    return _render(call, result, chunked=False)


def render_lease_file(call: Call, result: LeaseResult) -> Answer:
    """The recorded replies to file leases are all chunked, without a body."""
    return _render(call, result, chunked=True)


def _render(call: Call, result: LeaseResult, *, chunked: bool) -> Answer:
    headers = [("ETag", etag(result.stamp)), ("Last-Modified", http_date(result.stamp))]
    if result.lease_id is not None:
        headers.append(("x-ms-lease-id", result.lease_id))
    if result.lease_time_s is not None:
        headers.append(("x-ms-lease-time", str(result.lease_time_s)))
    return Answer(_STATUS.get(read_action(call), 200), headers, chunked=chunked)
