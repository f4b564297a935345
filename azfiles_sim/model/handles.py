"""Open SMB handles: list them, close them. Only a test plants them; the REST operations never open one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from azfiles_sim.model.changes import Change, DropNode, PutHandles
from azfiles_sim.model.commands import CloseHandles, ListHandles
from azfiles_sim.model.deciding import Context, Decision, find_place, find_share
from azfiles_sim.model.entities import File, Handle, Share
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.limits import page_size, store_bytes
from azfiles_sim.model.lost_sources import fail_copies
from azfiles_sim.model.names import name_key
from azfiles_sim.model.nfs import drop_name, freed_bytes
from azfiles_sim.model.results import HandlesClosed, HandlesPage

MAX_CLOSED_AT_ONCE: Final = 5000
"""How many handles one request closes (unverified)."""


def list_handles(context: Context, command: ListHandles) -> Decision:
    """List Handles of a file or directory, with ``recursive`` of everything below it too, by path and id as recorded."""
    limit = page_size(command.max_results)
    handles = _handles(context, command)
    share = find_share(context.view, command.account, command.share)
    places = {_place_of(share, handle): handle for handle in handles}
    order = sorted(place for place in places if command.marker is None or place >= command.marker)
    next_place = order[limit] if len(order) > limit else None
    return Decision(HandlesPage(tuple(places[place] for place in order[:limit]), next_place))


def close_handles(context: Context, command: CloseHandles) -> Decision:
    """Force Close Handles: all of a file or directory or the one with an id; an unknown id closes none (unverified).

    Of very many only some are closed at once. What was marked for deletion goes with its last handle, a directory if it
    is empty then (unverified).
    """
    handles = _handles(context, command)
    share = find_share(context.view, command.account, command.share)
    places = {
        _place_of(share, handle): handle
        for handle in handles
        if command.handle_id is None or handle.handle_id == command.handle_id
    }
    order = sorted(place for place in places if command.marker is None or place >= command.marker)
    closing = {places[place].handle_id: places[place] for place in order[:MAX_CLOSED_AT_ONCE]}
    if not closing:
        return Decision(HandlesClosed(0))
    all_handles = context.view.handles(command.account, command.share)
    left = tuple(handle for handle in all_handles if handle.handle_id not in closing)
    still_open = {handle.file_id for handle in left if handle.snapshot is None}
    gone = {
        handle.file_id: handle
        for handle in closing.values()
        if handle.delete_pending and handle.file_id not in still_open
    }
    next_place = order[MAX_CLOSED_AT_ONCE] if len(order) > MAX_CLOSED_AT_ONCE else None
    return Decision(
        HandlesClosed(len(closing), next_place),
        (PutHandles(command.account, command.share, left), *_deleted(context, command, gone.values())),
    )


def _deleted(context: Context, command: CloseHandles, handles: Iterable[Handle]) -> Iterator[Change]:
    """The changes that delete the files and empty directories behind handles, what lies deeper first."""
    share = find_share(context.view, command.account, command.share)
    freed = 0
    gone: set[int] = set()
    for handle in sorted(handles, key=lambda handle: -handle.path.count("/")):
        key = name_key(share, handle.path.rpartition("/")[2])
        node = context.view.child(share.tree, handle.parent_id, key)
        if node is None or node.file_id != handle.file_id or not key:
            continue
        if isinstance(node, File):
            freed += freed_bytes(node)
            yield from drop_name(share.tree, node)
        elif all(child.file_id in gone for child in context.view.children(share.tree, node.file_id)):
            yield DropNode(share.tree, node.parent_id, key)
        else:
            continue
        gone.add(node.file_id)
    yield from store_bytes(share, -freed)
    yield from fail_copies(context, command.account, [(share.tree, number) for number in gone])


def _place_of(share: Share, handle: Handle) -> tuple[str, int]:
    return name_key(share, handle.path), handle.handle_id


def _handles(context: Context, command: ListHandles | CloseHandles) -> list[Handle]:
    place = find_place(context.view, command)
    if place.node is None:
        raise ServiceError(Code.RESOURCE_NOT_FOUND)
    path = name_key(place.share, "/".join(command.path))
    below = f"{path}/" if path else ""
    return [
        handle
        for handle in context.view.handles(command.account, command.share)
        if handle.snapshot == command.snapshot
        and ((key := name_key(place.share, handle.path)) == path or (command.recursive and key.startswith(below)))
    ]


__all__ = ["close_handles", "list_handles"]
