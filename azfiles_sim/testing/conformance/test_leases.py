"""Leases of shares and files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

import azfiles
from azfiles_sim.testing.conformance.fixtures import needs
from azfiles_sim.testing.targets import Capability, Target

ID_A = "aaaaaaaa-0000-4000-8000-000000000001"
ID_B = "bbbbbbbb-0000-4000-8000-000000000002"


def state_of(resource: azfiles.ShareClient | azfiles.FileClient) -> str:
    lease = resource.get_properties().lease
    assert lease is not None
    return lease.state


@needs(Capability.MOVE_TIME)
def test_a_share_lease_guards_against_deletion_until_it_expires(target: Target, share: azfiles.ShareClient) -> None:
    lease = share.acquire_lease(duration_s=15, proposed_id=ID_A)
    assert lease.id == ID_A
    assert state_of(share) == "leased"
    with pytest.raises(azfiles.LeaseConflict) as refusal:
        share.delete()
    assert (refusal.value.status, refusal.value.code) == (412, "LeaseIdMissing")
    target.advance(15)
    assert state_of(share) == "expired"
    share.delete()


@needs(Capability.MOVE_TIME)
def test_a_renewed_share_lease_starts_again(target: Target, share: azfiles.ShareClient) -> None:
    share.acquire_lease(duration_s=20, proposed_id=ID_A)
    target.advance(15)
    share.renew_lease(ID_A)
    target.advance(15)
    assert state_of(share) == "leased"
    target.advance(5)
    assert state_of(share) == "expired"


def test_a_changed_share_lease_answers_to_its_new_id_only(share: azfiles.ShareClient) -> None:
    share.acquire_lease(duration_s=-1, proposed_id=ID_A)
    assert share.change_lease(ID_A, ID_B).id == ID_B
    with pytest.raises(azfiles.LeaseConflict):
        share.renew_lease(ID_A)
    share.release_lease(ID_B)
    assert state_of(share) == "available"


@needs(Capability.MOVE_TIME)
def test_a_broken_share_lease_ends_after_its_break_period(target: Target, share: azfiles.ShareClient) -> None:
    share.acquire_lease(duration_s=60)
    assert share.break_lease(period_s=10).remaining_s == 10
    assert state_of(share) == "breaking"
    with pytest.raises(azfiles.LeaseConflict) as refusal:
        share.acquire_lease(duration_s=15)
    assert refusal.value.status == 409
    target.advance(10)
    assert state_of(share) == "broken"
    share.acquire_lease(duration_s=15)


@needs(Capability.MOVE_TIME)
def test_a_lease_id_on_a_share_whose_lease_is_gone_is_refused(target: Target, share: azfiles.ShareClient) -> None:
    share.acquire_lease(duration_s=15, proposed_id=ID_A)
    target.advance(16)
    with pytest.raises(azfiles.LeaseConflict) as refusal:
        share.set_metadata({"a": "1"}, lease_id=ID_A)
    assert (refusal.value.status, refusal.value.code) == (412, "LeaseLost")


def test_a_file_lease_guards_every_write_and_no_read(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.upload(b"data")
    file.acquire_lease(proposed_id=ID_A)
    writes: tuple[Callable[..., object], ...] = (
        partial(file.create, 4),
        partial(file.put_range, 0, b"x"),
        partial(file.clear_range, 0, 1),
        partial(file.resize, 3),
        partial(file.set_metadata, {}),
        partial(file.set_http_headers, azfiles.HttpHeaders(content_type="a/b")),
        file.delete,
    )
    for write in writes:
        with pytest.raises(azfiles.LeaseConflict) as missing:
            write()
        assert (missing.value.status, missing.value.code) == (412, "LeaseIdMissing")
        with pytest.raises(azfiles.LeaseConflict) as wrong:
            write(lease_id=ID_B)
        assert (wrong.value.status, wrong.value.code) == (412, "LeaseIdMismatchWithFileOperation")
    assert bytes(file.download()) == b"data"
    for write in writes:
        write(lease_id=ID_A)


def test_a_file_lease_has_one_holder(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(0)
    assert file.acquire_lease(proposed_id=ID_A).id == ID_A
    assert file.acquire_lease(proposed_id=ID_A).id == ID_A
    with pytest.raises(azfiles.LeaseConflict) as refusal:
        file.acquire_lease(proposed_id=ID_B)
    assert (refusal.value.status, refusal.value.code) == (409, "LeaseAlreadyPresent")
    assert file.change_lease(ID_A, ID_B).id == ID_B
    file.release_lease(ID_B)
    assert state_of(file) == "available"


def test_breaking_a_file_lease_takes_effect_at_once(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(4)
    file.acquire_lease()
    assert file.break_lease().remaining_s == 0
    assert state_of(file) == "broken"
    file.put_range(0, b"x")
    assert state_of(file) == "available"


def test_an_id_for_an_unleased_file_is_refused(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.create(4)
    with pytest.raises(azfiles.LeaseConflict) as refusal:
        file.set_metadata({}, lease_id=ID_A)
    assert (refusal.value.status, refusal.value.code) == (412, "LeaseNotPresentWithFileOperation")


def test_the_bound_view_of_a_lease_does_what_the_operations_do(share: azfiles.ShareClient) -> None:
    share.acquire_lease(duration_s=30, proposed_id=ID_A)
    lease = share.lease(ID_A)
    lease.renew()
    lease.change(ID_B)
    share.lease(ID_B).release()
    assert state_of(share) == "available"
