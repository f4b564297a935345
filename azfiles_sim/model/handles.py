"""Open SMB handles: list them, close them. Only a test plants them; the REST operations never open one."""

from __future__ import annotations

from azfiles_sim.model.changes import PutHandles
from azfiles_sim.model.commands import CloseHandles, ListHandles
from azfiles_sim.model.deciding import Context, Decision, find_place
from azfiles_sim.model.entities import Handle
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.limits import page_size
from azfiles_sim.model.names import fold_name
from azfiles_sim.model.results import HandlesClosed, HandlesPage


def list_handles(context: Context, command: ListHandles) -> Decision:
    """List Handles of a file or directory, with ``recursive`` of everything below it too, by path and id as recorded."""
    limit = page_size(command.max_results)
    places = {_place_of(handle): handle for handle in _handles(context, command)}
    order = sorted(place for place in places if command.marker is None or place >= command.marker)
    next_place = order[limit] if len(order) > limit else None
    return Decision(HandlesPage(tuple(places[place] for place in order[:limit]), next_place))


def close_handles(context: Context, command: CloseHandles) -> Decision:
    """Force Close Handles: all of a file or directory or the one with an id; an unknown id closes none (unverified)."""
    closing = {
        handle.handle_id
        for handle in _handles(context, command)
        if command.handle_id is None or handle.handle_id == command.handle_id
    }
    if not closing:
        return Decision(HandlesClosed(0))
    all_handles = context.view.handles(command.account, command.share)
    left = tuple(handle for handle in all_handles if handle.handle_id not in closing)
    return Decision(HandlesClosed(len(closing)), (PutHandles(command.account, command.share, left),))


def _place_of(handle: Handle) -> tuple[str, int]:
    return fold_name(handle.path), handle.handle_id


def _handles(context: Context, command: ListHandles | CloseHandles) -> list[Handle]:
    place = find_place(context.view, command)
    if place.node is None:
        raise ServiceError(Code.RESOURCE_NOT_FOUND)
    path = fold_name("/".join(command.path))
    below = f"{path}/" if path else ""
    return [
        handle
        for handle in context.view.handles(command.account, command.share)
        if handle.snapshot == command.snapshot
        and (fold_name(handle.path) == path or (command.recursive and fold_name(handle.path).startswith(below)))
    ]


__all__ = ["close_handles", "list_handles"]
