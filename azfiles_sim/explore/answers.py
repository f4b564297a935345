"""What a client learns from each kind of result, in the words of a history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from azfiles.models import (
    FileContent,
    FileEntry,
    FileProperties,
    LeaseBroken,
    LeaseHeld,
    ListingPage,
    RangeList,
    ShareProperties,
    SnapshotCreated,
)
from azfiles_sim.explore.checker import history as h


def tell_nothing(_: object) -> h.Told:
    return h.Told()


def tell_etag(result: Any) -> h.Told:
    return h.Told(etag=result.etag)


def tell_lease(result: LeaseHeld) -> h.Told:
    return h.Told(etag=result.etag, lease_id=result.id)


def tell_lease_id(result: LeaseHeld) -> h.Told:
    return h.Told(lease_id=result.id)


def tell_time(broken: LeaseBroken) -> h.Told:
    return h.Told(lease_time_s=broken.remaining_s)


def tell_state(found: ShareProperties) -> h.Told:
    return h.Told(lease_state=None if found.lease is None else found.lease.state)


def tell_snapshot(made: SnapshotCreated) -> h.Told:
    return h.Told(snapshot=made.snapshot)


def tell_ranges(listed: RangeList) -> h.Told:
    return h.Told(
        etag=listed.etag, size=listed.size, ranges=tuple((found.offset, found.length) for found in listed.ranges)
    )


def tell_names(page: ListingPage) -> h.Told:
    return h.Told(names=tuple((entry.name, entry.size) for entry in page.entries if isinstance(entry, FileEntry)))


def tell_properties(found: FileProperties) -> h.Told:
    return h.Told(
        etag=found.etag,
        size=found.size,
        metadata=_sorted_pairs(found.metadata.items()),
        lease_state=None if found.lease is None else found.lease.state,
    )


def tell_content(found: FileContent) -> h.Told:
    return replace(tell_properties(found.properties), data=bytes(found.content))


def _sorted_pairs(items: Iterable[tuple[str, str]]) -> h.Metadata:
    return tuple(sorted(items))


__all__ = [
    "tell_content",
    "tell_etag",
    "tell_lease",
    "tell_lease_id",
    "tell_names",
    "tell_nothing",
    "tell_properties",
    "tell_ranges",
    "tell_snapshot",
    "tell_state",
    "tell_time",
]
