"""The account's file service: List Shares, and its properties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from itertools import groupby
from typing import Final

from azfiles_sim.model.changes import PutAccount
from azfiles_sim.model.commands import GetServiceProperties, GetUserDelegationKey, ListShares, SetServiceProperties
from azfiles_sim.model.deciding import Context, Decision, find_account
from azfiles_sim.model.entities import TICKS_PER_SECOND, DeletedShare, Share, Snapshot
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.limits import page_size
from azfiles_sim.model.results import DelegationKey, Done, ServiceResult, SharesPage
from azfiles_sim.model.settings import ServiceProperties
from azfiles_sim.model.shares import with_aged_lease
from azfiles_sim.model.softdelete import waiting_shares

MAX_KEY_LIFETIME_S: Final = 7 * 86_400


def list_shares(context: Context, command: ListShares) -> Decision:
    """List Shares by name, with ``snapshots`` each live share's snapshots, oldest first, before it, with ``deleted``
    those that can be restored, too.

    Shares and snapshots count alike, but a share is not parted from its snapshots, because the marker of the next page
    is a share's name; so a page exceeds ``max_results`` where its one share has that many snapshots (unverified).
    """
    limit = page_size(command.max_results)
    account = find_account(context.view, command)
    start = max(command.prefix, command.marker or "")
    deleted = sorted(waiting_shares(account, context.now), key=_name_of) if command.deleted else []
    gone: Iterator[Share | DeletedShare] = (one for one in deleted if one.share.name >= start)
    live: Iterator[Share | DeletedShare] = context.view.shares(command.account, start)
    items: list[Share | Snapshot | DeletedShare] = []
    # Stable: of one name the deleted shares come first, in the order of their deletion.
    for name, same in groupby(merge(gone, live, key=_name_of), _name_of):
        if not name.startswith(command.prefix):
            break
        group: list[Share | Snapshot | DeletedShare] = []
        for one in same:
            if command.snapshots and isinstance(one, Share):
                snapshots = context.view.snapshots(one.account, name)
                group.extend(with_aged_lease(snapshot, context.now) for snapshot in snapshots)
            group.append(with_aged_lease(one, context.now) if isinstance(one, Share) else one)
        if items and len(items) + len(group) > limit:
            return Decision(SharesPage(tuple(items), name, account.kind))
        items.extend(group)
    return Decision(SharesPage(tuple(items), None, account.kind))


def _name_of(item: Share | DeletedShare) -> str:
    return item.name if isinstance(item, Share) else item.share.name


def get_service_properties(context: Context, command: GetServiceProperties) -> Decision:
    """Get File Service Properties.

    Protocol settings are told by the kinds of account that have them, and by a standard one once they are set (u).
    """
    account = find_account(context.view, command)
    properties = account.settings.service
    default = ServiceProperties(properties.hour_metrics, properties.minute_metrics, properties.cors)
    return Decision(ServiceResult(properties, account.kind != "standard" or properties != default))


def set_service_properties(context: Context, command: SetServiceProperties) -> Decision:
    """Set File Service Properties: only what is given is changed; it takes effect at once."""
    account = find_account(context.view, command)
    given = {
        name: value for name in ServiceProperties.__dataclass_fields__ if (value := getattr(command, name)) is not None
    }
    settings = replace(account.settings, service=replace(account.settings.service, **given))
    return Decision(Done(), (PutAccount(replace(account, settings=settings)),))


def get_user_delegation_key(context: Context, command: GetUserDelegationKey) -> Decision:
    """Get User Delegation Key: for seven days from now at most. (u) the code where the times do not hold."""
    latest = context.now + MAX_KEY_LIFETIME_S * TICKS_PER_SECOND
    if command.expiry <= max(command.start, context.now) or max(command.start, command.expiry) > latest:
        raise ServiceError(Code.INVALID_XML_NODE_VALUE, details=(("XmlNodeName", "Expiry"),))
    key = DelegationKey(command.object_id, command.tenant, command.delegated_tenant, command.start, command.expiry)
    return Decision(key)


__all__ = ["get_service_properties", "get_user_delegation_key", "list_shares", "set_service_properties"]
