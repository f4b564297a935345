"""What the page shows of accounts, shares, snapshots, directories and files, as JSON. No key and no lease id is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any, Final

from azfiles_sim.inspector.places import Found, Spot, find, find_account
from azfiles_sim.inspector.scrubbing import Scrubber
from azfiles_sim.model.content import Content
from azfiles_sim.model.entities import (
    Account,
    Available,
    Breaking,
    CopyRecord,
    File,
    Handle,
    Lease,
    Leased,
    Node,
    Share,
    Snapshot,
    Ticks,
    TreeKey,
)
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.model.lease import age_lease
from azfiles_sim.model.permissions import permission_text
from azfiles_sim.model.provisioning import PROVISIONED
from azfiles_sim.model.view import View
from azfiles_sim.wire.dates import etag, iso_time
from azfiles_sim.wire.smb import attributes_text, shown_id

Json = dict[str, Any]

MOST_RANGES: Final = 200
"""So many written ranges are told one by one."""

BAR_PARTS: Final = 240
"""The bar of a file with more ranges shows so many equal parts of it, each by how much of it is written."""

_MOST_HANDLES: Final = 100


class Teller:
    """Tells what is at a spot of a view, at an instant."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber

    def tell(self, view: View, now: Ticks, spot: Spot) -> Json:
        """Raises LookupError where nothing is there."""
        if not spot.share:
            return _account(view, now, find_account(view, spot.account))
        found = find(view, spot)
        if not found.place.name:
            return self._share(view, now, found)
        return self._node(view, now, found)

    def lease(self, lease: Lease, now: Ticks) -> Json | None:
        """A lease as it is at an instant; None where there is none."""
        aged = age_lease(lease, now)
        if isinstance(aged, Available):
            return None
        told: Json = {"state": type(aged).__name__.lower(), "holder": self._scrubber.lease_name(aged.lease_id)}
        if isinstance(aged, (Leased, Breaking)) and aged.until is not None:
            told["until"] = iso_time(aged.until)
        if isinstance(aged, Leased):
            told["duration_s"] = aged.duration_s
        return told

    def _share(self, view: View, now: Ticks, found: Found) -> Json:
        share, snapshot = found.share, found.snapshot
        holder = found.holder
        settings = holder.settings
        told: Json = {
            "kind": "share" if snapshot is None else "snapshot",
            "name": share.name,
            "etag": etag(holder.stamp),
            "quota_gib": holder.quota_gib,
            "protocol": settings.protocol,
            "metadata": self._scrubber.pairs(holder.metadata),
            "lease": self.lease(holder.lease, now),
            "settings": _settings(found.account, holder),
        }
        if isinstance(holder, Snapshot):
            return told | {"taken": iso_time(holder.snapshot)}
        told |= {
            "created": iso_time(share.created),
            "tier": share.access_tier,
            "written": share.written,
            "policies": [asdict(policy) for policy in share.policies],
            "snapshots": [iso_time(one.snapshot) for one in view.snapshots(share.account, share.name)],
            "handles": _handles(view.handles(share.account, share.name)),
        }
        return told

    def _node(self, view: View, now: Ticks, found: Found) -> Json:
        node = found.place.node
        if node is None:
            raise LookupError("nothing is there any more")
        told: Json = {
            "kind": "directory",
            "name": node.name,
            "etag": etag(node.stamp),
            "metadata": self._scrubber.pairs(node.metadata),
            "file_id": shown_id(node, node.file_id),
            "parent_id": shown_id(node, node.parent_id),
            "created": iso_time(node.smb.creation),
            "last_written": iso_time(node.smb.last_write),
            "changed": iso_time(node.smb.change),
            **_permissions(view, found.place.tree, node),
        }
        of_node = (one for one in view.handles(found.share.account, found.share.name) if one.file_id == node.file_id)
        told["handles"] = _handles(of_node)
        if isinstance(node, File):
            told |= self._file(now, node)
        return told

    def _file(self, now: Ticks, file: File) -> Json:
        return {
            "kind": "file" if file.link_text is None else "link",
            "size": file.size,
            "written": file.content.written,
            "headers": self._scrubber.pairs((name, value) for name, value in asdict(file.http).items() if value),
            "lease": self.lease(file.lease, now),
            "copy": None if file.copy is None else self._copy(file.copy),
            "leads_to": None if file.link_text is None else self._scrubber.text(file.link_text),
            "names": len(file.links) or 1,
            "ranges": ranges_told(file.content, file.size),
        }

    def _copy(self, copy: CopyRecord) -> Json:
        return {
            "id": copy.copy_id,
            "source": self._scrubber.text(copy.source),
            "status": copy.status,
            "progress": f"{copy.copied}/{copy.total}",
            "completed": None if copy.completed is None else iso_time(copy.completed),
            "description": copy.description,
        }


def _account(view: View, now: Ticks, account: Account) -> Json:
    return {
        "kind": "account",
        "name": account.name,
        "type": account.kind,
        "keys": len(account.keys),
        "shares": sum(1 for _ in view.shares(account.name)),
        "soft_delete_days": account.settings.soft_delete_days,
        "cors_rules": len(account.settings.service.cors),
        "deleted": [
            {"name": one.share.name, "deleted": iso_time(one.deleted), "gone": iso_time(one.gone)}
            for one in account.deleted_shares
            if one.gone > now
        ],
    }


def _settings(account: Account, holder: Share | Snapshot) -> list[tuple[str, str]]:
    """What is set of a share beside its protocol, by the field's name. From when on something may be lowered is asked in
    accounts of provisioned v2 only.
    """
    told = asdict(holder.settings)
    del told["protocol"]
    found: list[tuple[str, str]] = []
    for name, value in told.items():
        if name.endswith("_lowerable_from"):
            if account.kind == PROVISIONED and value:
                found.append((name, iso_time(value)))
        elif value is not None:
            found.append((name, str(value)))
    return found


def _permissions(view: View, tree: TreeKey, node: Node) -> Json:
    if node.nfs is not None:
        return {"mode": f"{node.nfs.mode:04o}", "owner": node.nfs.owner, "group": node.nfs.group}
    key = node.smb.permission_key
    try:
        descriptor = permission_text(view, tree, key)
    except ServiceError:
        descriptor = None
    return {"attributes": attributes_text(node.smb.attributes), "permission_key": key, "permission": descriptor}


def ranges_told(content: Content, size: int) -> Json:
    """Ranges as List Ranges has them, start and inclusive end; of too many ones the first, and a bar of parts."""
    ranges = content.listed_ranges(0, size)
    told: Json = {"count": len(ranges), "shown": ranges[:MOST_RANGES], "bytes": sum(b - a + 1 for a, b in ranges)}
    if len(ranges) > MOST_RANGES:
        told["parts"] = coverage(ranges, size)
    return told


def coverage(ranges: tuple[tuple[int, int], ...], size: int, parts: int = BAR_PARTS) -> list[float]:
    """How much, 0 to 1, of each of so many equal parts of a file is written. ``ranges`` are in order and apart."""
    width = size / parts
    filled = [0.0] * parts
    for first, last in ranges:
        part = min(parts - 1, int(first / width))
        while part < parts and part * width <= last:
            filled[part] += max(0.0, min(last + 1, (part + 1) * width) - max(first, part * width))
            part += 1
    return [round(min(1.0, one / width), 3) for one in filled]


def _handles(handles: Iterator[Handle] | Any) -> list[Json]:
    return [
        {
            "id": str(one.handle_id),  # beyond what JavaScript's numbers hold
            "path": one.path,
            "client": one.client_name or one.client_ip,
            "opened": iso_time(one.opened),
            "access": one.access_rights,
            "snapshot": None if one.snapshot is None else iso_time(one.snapshot),
            "delete_pending": one.delete_pending,
            "locks": len(one.locks),
        }
        for one in islice(handles, _MOST_HANDLES)
    ]


__all__ = ["BAR_PARTS", "MOST_RANGES", "Teller", "coverage", "ranges_told"]
