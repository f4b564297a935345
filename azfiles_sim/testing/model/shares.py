"""Shares, their snapshots and their leases."""

from __future__ import annotations

import copy
from dataclasses import replace

from azfiles_sim.testing.expectations import ANYTHING, LeaseId, Observation, Refusal, Symbol, Unknown
from azfiles_sim.testing.model.entities import (
    DEFAULT_QUOTA,
    IN_A_LEASE_STATE,
    REUSABLE_S,
    Directory,
    Lease,
    Metadata,
    Share,
)
from azfiles_sim.testing.model.places import Places


class Shares(Places):
    """Operations on shares."""

    def wait(self, seconds: float) -> Observation:
        if self._real_time:
            raise Unknown("the clock cannot be moved")
        self.now += seconds
        for share in self.shares.values():
            share.lease = share.lease.aged(self.now)
        return {}

    def create_share(self, share: str, metadata: Metadata, quota_gib: int | None = None) -> Observation:
        if share in self.shares:
            raise Refusal((409, "ShareAlreadyExists"))
        if share in self._deleted and (self._real_time or self.now - self._deleted[share] < REUSABLE_S):
            raise Unknown("how long a deleted share's name is taken")
        owner = next(self._numbers)
        etag = self._etag(owner)
        root = Directory(Symbol("id", owner, owner), frozenset(), etag, {})
        self.shares[share] = Share(etag, owner, quota_gib or DEFAULT_QUOTA, dict(metadata), root)
        return {"etag": etag}

    def get_share(self, share: str, snapshot: int | None = None) -> Observation:
        found = self._share(share, snapshot)
        lease = ANYTHING if snapshot is not None else found.lease.shown()
        quota = ANYTHING if snapshot is not None else found.quota_gib
        return {"etag": found.etag, "metadata": found.metadata, "quota": quota, "lease": lease}

    def set_share_metadata(self, share: str, metadata: Metadata, lease_id: str | None = None) -> Observation:
        found = self._share(share)
        _guard_share(found.lease, lease_id, missing=())
        found.metadata, found.etag = dict(metadata), self._etag(found.owner)
        return {"etag": found.etag}

    def set_quota(self, share: str, quota_gib: int, lease_id: str | None = None) -> Observation:
        found = self._share(share)
        _guard_share(found.lease, lease_id, missing=())
        found.quota_gib, found.etag = quota_gib, self._etag(found.owner)
        return {"etag": found.etag}

    def delete_share(self, share: str, include_snapshots: bool, lease_id: str | None = None) -> Observation:
        found = self._share(share)
        obstacles = [(409, "ShareHasSnapshots")] if found.snapshots and not include_snapshots else []
        try:
            _guard_share(found.lease, lease_id, missing=((412, "LeaseIdMissing"),))
        except Refusal as refusal:
            obstacles += refusal.possible
        if obstacles:
            raise Refusal(*obstacles)
        del self.shares[share]
        self._deleted[share] = self.now
        return {}

    def snapshot_share(self, share: str, metadata: Metadata | None = None) -> Observation:
        found = self._share(share)
        number = next(self._snapshots)
        frozen = copy.deepcopy(replace(found, snapshots={}))
        if metadata:
            # Of its own, and the snapshot's very second: so it may well be that of a share made in that second.
            frozen.metadata, frozen.etag = dict(metadata), self._etag(next(self._numbers))
        found.snapshots[number] = frozen
        return {"etag": frozen.etag, "snapshot": Symbol("snapshot", found.owner, number)}

    def delete_snapshot(self, share: str, snapshot: int) -> Observation:
        self._share(share, snapshot)
        del self.shares[share].snapshots[snapshot]
        return {}

    # --- share leases ------------------------------------------------------------------------------------------------

    def acquire_share_lease(self, share: str, lease_id: str, duration_s: int) -> Observation:
        found = self._share(share)
        if self._real_time and duration_s != -1:
            raise Unknown("when a lease ends on a clock that cannot be moved")
        lease = found.lease
        if lease.state == "breaking":
            mine = lease.holder == lease_id  # as azure-storage-net asserts it of blobs
            raise Refusal((409, "LeaseIsBreakingAndCannotBeAcquired" if mine else "LeaseAlreadyPresent"))
        if lease.state == "leased" and lease.holder != lease_id:
            raise Refusal((409, "LeaseAlreadyPresent"))
        found.lease = Lease("leased", lease_id, duration_s, self.now + duration_s)
        return {"etag": found.etag, "id": LeaseId(lease_id)}

    def renew_share_lease(self, share: str, lease_id: str) -> Observation:
        found = self._share(share)
        lease = found.lease
        if lease.state == "broken" and lease.holder == lease_id:
            raise Refusal((409, "LeaseIsBrokenAndCannotBeRenewed"))
        if lease.state not in {"leased", "expired"} or lease.holder != lease_id:
            raise Refusal(IN_A_LEASE_STATE)
        found.lease = replace(lease, state="leased", until=self.now + lease.duration_s)
        return {"etag": found.etag, "id": LeaseId(lease_id)}

    def change_share_lease(self, share: str, lease_id: str, new_id: str) -> Observation:
        found = self._share(share)
        lease = found.lease
        if lease.state == "expired" or (lease.holder == new_id and lease.state != "available"):
            raise Unknown("changing an expired lease, or to the id that it has")
        if lease.state != "leased" or lease.holder != lease_id:
            raise Refusal(IN_A_LEASE_STATE)
        found.lease = replace(lease, holder=new_id)
        return {"etag": found.etag, "id": LeaseId(new_id)}

    def release_share_lease(self, share: str, lease_id: str) -> Observation:
        found = self._share(share)
        lease = found.lease
        if lease.state == "expired":
            raise Unknown("releasing an expired lease")
        if lease.state == "available" or lease.holder != lease_id:
            raise Refusal(IN_A_LEASE_STATE)
        found.lease = Lease()
        return {"etag": found.etag}

    def break_share_lease(self, share: str, period_s: int | None) -> Observation:
        found = self._share(share)
        lease = found.lease
        if lease.state in {"broken", "expired"}:
            raise Unknown("breaking a broken or expired lease")
        if lease.state == "available":
            raise Refusal(IN_A_LEASE_STATE)
        infinite = lease.state == "leased" and lease.duration_s == -1
        left = float("inf") if infinite else lease.until - self.now
        if self._real_time and (period_s or lease.state == "breaking"):
            raise Unknown("when a break ends on a clock that cannot be moved")
        remaining = (0 if infinite else left) if period_s is None else min(period_s, left)
        found.lease = replace(lease, state="breaking", until=self.now + remaining).aged(self.now)
        return {"etag": found.etag, "remaining": remaining}


def _guard_share(lease: Lease, lease_id: str | None, *, missing: tuple[tuple[int, str], ...]) -> None:
    """What an operation on the share finds; ``missing`` is what it says to one without the id of a lease that holds."""
    if lease_id is None:
        if lease.is_held and missing:
            raise Refusal(*missing)
    elif lease.state == "available":
        raise Refusal((412, ""))
    elif lease_id != lease.holder:
        if not lease.is_held:
            raise Unknown("another id on a share whose lease has ended")
        raise Refusal((412, "LeaseIdMismatchWithContainerOperation"))
    elif lease.state == "breaking":
        raise Unknown("the id of a lease that is being broken")
    elif not lease.is_held:
        raise Refusal((412, "LeaseLost"))
