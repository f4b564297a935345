"""Service and share operations."""

from __future__ import annotations

import pytest

import azfiles
from azfiles_sim.testing.targets import Target


def test_a_created_share_has_the_quota_and_metadata_it_was_given(target: Target, client: azfiles.ServiceClient) -> None:
    share = client.share(target.share_name("data"))
    written = share.create(quota_gib=7, metadata={"owner": "ops"})
    properties = share.get_properties()
    assert properties.quota_gib == 7
    assert dict(properties.metadata) == {"owner": "ops"}
    assert properties.etag == written.etag
    assert properties.last_modified == written.last_modified


def test_creating_a_share_twice_is_refused(share: azfiles.ShareClient) -> None:
    with pytest.raises(azfiles.AlreadyExists) as refusal:
        share.create()
    assert (refusal.value.status, refusal.value.code) == (409, "ShareAlreadyExists")


def test_a_deleted_share_is_gone(share: azfiles.ShareClient) -> None:
    share.delete()
    with pytest.raises(azfiles.NotFound) as refusal:
        share.get_properties()
    assert (refusal.value.status, refusal.value.code) == (404, "ShareNotFound")
    assert isinstance(refusal.value, FileNotFoundError)


def test_shares_are_listed_in_order_by_prefix_and_page(target: Target, client: azfiles.ServiceClient) -> None:
    alpha, *beta = (target.share_name(label) for label in ("alpha", "beta-1", "beta-2", "beta-3"))
    for name in (beta[1], alpha, beta[0], beta[2]):
        client.share(name).create(metadata={"n": name[-5:]})
    mine, prefix = target.share_prefix, target.share_name("beta")
    assert [item.name for item in client.list_shares() if item.name.startswith(mine)] == [alpha, *beta]
    assert [item.name for item in client.list_shares(prefix=prefix, page_size=1)] == beta
    first = client.list_shares_page(prefix=prefix, page_size=2)
    assert [item.name for item in first.shares] == beta[:2]
    second = client.list_shares_page(prefix=prefix, page_size=2, marker=first.next_marker)
    assert ([item.name for item in second.shares], second.next_marker) == (beta[2:], None)
    with_metadata = next(iter(client.list_shares(prefix=mine, include=("metadata",))))
    assert dict(with_metadata.metadata or {}) == {"n": "alpha"}


def test_snapshots_are_listed_before_their_share_only_when_asked_for(
    client: azfiles.ServiceClient, share: azfiles.ShareClient
) -> None:
    made = [share.create_snapshot().snapshot for _ in range(2)]
    assert [item.snapshot for item in client.list_shares(prefix=share.name)] == [None]
    assert [item.snapshot for item in client.list_shares(prefix=share.name, include=("snapshots",))] == [*made, None]


def test_quota_and_metadata_can_be_replaced(share: azfiles.ShareClient) -> None:
    before = share.get_properties().etag
    share.set_quota(11)
    share.set_metadata({"a": "1"})
    share.set_metadata({"b": "2"})
    after = share.get_properties()
    assert (after.quota_gib, dict(after.metadata)) == (11, {"b": "2"})
    assert after.etag != before
    assert dict(share.get_metadata().metadata) == {"b": "2"}


def test_statistics_count_the_bytes_that_were_written(share: azfiles.ShareClient) -> None:
    assert share.get_statistics().usage_bytes == 0
    share.file("f").upload(b"hello world")
    assert share.get_statistics().usage_bytes == 11


def test_a_snapshot_keeps_what_the_share_then_was(share: azfiles.ShareClient) -> None:
    share.set_metadata({"era": "old"})
    share.file("f").upload(b"old")
    snapshot = share.create_snapshot().snapshot
    share.set_metadata({"era": "new"})
    share.file("f").upload(b"newer")
    share.file("g").create(1)
    then = share.snapshot(snapshot)
    assert dict(then.get_properties().metadata) == {"era": "old"}
    assert bytes(then.file("f").download()) == b"old"
    assert [entry.name for entry in then.root.list()] == ["f"]
    with pytest.raises(azfiles.NotFound):
        then.file("g").get_properties()


def test_snapshots_taken_at_once_have_different_names(share: azfiles.ShareClient) -> None:
    names = [share.create_snapshot().snapshot for _ in range(3)]
    assert names == sorted(set(names))


def test_a_share_with_snapshots_is_deleted_only_when_they_are_included(share: azfiles.ShareClient) -> None:
    share.create_snapshot()
    with pytest.raises(azfiles.Conflict) as refusal:
        share.delete()
    assert refusal.value.code == "ShareHasSnapshots"
    share.delete(delete_snapshots="include")
    with pytest.raises(azfiles.NotFound):
        share.get_properties()


def test_one_snapshot_can_be_deleted_by_itself(client: azfiles.ServiceClient, share: azfiles.ShareClient) -> None:
    first, second = (share.create_snapshot().snapshot for _ in range(2))
    share.snapshot(first).delete()
    assert [item.snapshot for item in client.list_shares(prefix=share.name, include=("snapshots",))] == [second, None]


def test_stored_access_policies_come_back_as_they_were_set(target: Target, share: azfiles.ShareClient) -> None:
    policy = azfiles.AccessPolicy(permissions="rl", expires_at=target.now.replace(microsecond=0))
    share.set_access_policy([azfiles.SignedIdentifier("readers", policy), azfiles.SignedIdentifier("bare")])
    stored = share.get_access_policy().identifiers
    assert stored == (azfiles.SignedIdentifier("readers", policy), azfiles.SignedIdentifier("bare"))
    share.set_access_policy([])
    assert share.get_access_policy().identifiers == ()


def test_a_permission_has_one_key_however_often_it_is_created(share: azfiles.ShareClient) -> None:
    sddl = "O:S-1-5-21-1-2-3-1001G:S-1-5-21-1-2-3-513D:AI(A;;FA;;;SY)(A;;FA;;;BA)"
    key = share.create_permission(sddl)
    assert share.create_permission(sddl) == key
    normalised = share.get_permission(key)
    assert normalised.startswith(sddl)
    assert share.create_permission(normalised) == key
