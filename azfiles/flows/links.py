"""Hard links, whose target is given as people have it: a file's client, or a path."""

from __future__ import annotations

from azfiles.address import split_path
from azfiles.core import links
from azfiles.errors import InvalidArgument
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.copying import FileLike
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.models import Written


def create_hard_link(target: Target, to: FileLike | str, *, lease_id: str | None = None) -> Flow[Written]:
    """Make this path a second name of the file ``to`` (Create Hard Link): a file's client, or names joined by slashes,
    from the root of the same share. On NFS shares only. Raises ``AlreadyExists`` where something lies here.
    """
    refuse_snapshot(target)
    if isinstance(to, str):
        path = split_path(to)
    else:
        other = to.target
        if (other.session.endpoint, other.share, other.snapshot) != (target.session.endpoint, target.share, None):
            raise InvalidArgument(f"{other.url} lies in another share or in a snapshot; a hard link stays in its share")
        path = other.path
    operation = links.create_hard_link(target.share, target.path, path, lease_id=lease_id)
    return (yield from call(target.session, operation))


__all__ = ["create_hard_link"]
