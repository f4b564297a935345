"""Refusals that depend on what is open, locked, marked, or was done a moment ago."""

from __future__ import annotations

import pytest

from azfiles_sim import Reply
from tests.versions.examples import new_world
from tests.wire.asking import ACCOUNT, NEWEST, UPDATE, code, header, xml


def is_refused(reply: Reply, error: str, text: str) -> None:
    assert (reply.status, code(reply)) == (409, error)
    assert header(reply, "Content-Type") == "application/xml"
    assert xml(reply).findtext("Code") == error
    assert not text or reply.reason == text


@pytest.mark.evidence(error="SharingViolation", source="document:file-service-error-codes")
def test_a_file_that_is_shared_with_nobody_is_not_written() -> None:
    asker = new_world()
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", share_mode=())
    reply = asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd")
    is_refused(reply, "SharingViolation", "The specified resource may be in use by an SMB client.")


@pytest.mark.evidence(error="DeletePending", source="document:file-service-error-codes")
def test_a_file_that_is_marked_for_deletion_is_not_read() -> None:
    asker = new_world()
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", delete_pending=True)
    is_refused(asker.ask("GET", "/data/d/f"), "DeletePending", "")


@pytest.mark.evidence(error="FileLockConflict", source="document:file-service-error-codes")
def test_a_locked_range_is_not_written_and_its_neighbour_is() -> None:
    asker = new_world()
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", locks=((2, 9),))
    is_refused(asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd"), "FileLockConflict", "")
    beside = (("x-ms-write", "update"), ("x-ms-range", "bytes=10-13"))
    assert asker.ask("PUT", "/data/d/f?comp=range", *beside, body=b"abcd").status == 201


@pytest.mark.evidence(error="ContainerQuotaDowngradeNotAllowed", source="document:file-service-error-codes")
def test_a_share_of_a_premium_account_is_not_lowered_on_the_day_it_was_raised() -> None:
    asker = new_world(kind="premium")
    target = "/data?restype=share&comp=properties"
    assert asker.ask("PUT", target, ("x-ms-share-quota", "200")).status == 200
    too_early = (
        "Can't downgrade quota at this moment. Please check share properties for the next allowed quota downgrade time."
    )
    is_refused(asker.ask("PUT", target, ("x-ms-share-quota", "150")), "ContainerQuotaDowngradeNotAllowed", too_early)
    asker.advance(24 * 3600)
    assert asker.ask("PUT", target, ("x-ms-share-quota", "150")).status == 200


def is_out_of_bounds(name: str, value: str, error: str) -> None:
    reply = new_world(kind="provisioned").ask("PUT", "/new?restype=share", (name, value))
    assert (reply.status, code(reply)) == (400, error)
    assert xml(reply).findtext("Code") == error


@pytest.mark.evidence(error="FileShareProvisionedStorageInvalid", source="sdk:azure-storage-file-share 12.25.0b1")
def test_a_provisioned_share_has_at_least_32_and_at_most_262144_gib() -> None:
    is_out_of_bounds("x-ms-share-quota", "31", "FileShareProvisionedStorageInvalid")
    is_out_of_bounds("x-ms-share-quota", "262145", "FileShareProvisionedStorageInvalid")


@pytest.mark.evidence(error="FileShareProvisionedIopsInvalid", source="sdk:azure-storage-file-share 12.25.0b1")
def test_a_provisioned_share_has_at_least_500_iops() -> None:
    is_out_of_bounds("x-ms-share-provisioned-iops", "499", "FileShareProvisionedIopsInvalid")


@pytest.mark.evidence(error="FileShareProvisionedBandwidthInvalid", source="sdk:azure-storage-file-share 12.25.0b1")
def test_a_provisioned_share_has_at_most_10340_mib_a_second() -> None:
    is_out_of_bounds("x-ms-share-provisioned-bandwidth-mibps", "10341", "FileShareProvisionedBandwidthInvalid")


def is_not_lowered_on_the_day(name: str, error: str) -> None:
    asker, target = new_world(kind="provisioned"), "/data?restype=share&comp=properties"
    assert asker.ask("PUT", target, (name, "2000")).status == 200
    is_refused(asker.ask("PUT", target, (name, "1500")), error, "")
    asker.advance(24 * 3600)
    assert asker.ask("PUT", target, (name, "1500")).status == 200


@pytest.mark.evidence(
    error="FileShareProvisionedIopsDowngradeNotAllowed", source="sdk:azure-storage-file-share 12.25.0b1"
)
def test_the_iops_of_a_share_are_not_lowered_on_the_day_they_rose() -> None:
    is_not_lowered_on_the_day("x-ms-share-provisioned-iops", "FileShareProvisionedIopsDowngradeNotAllowed")


@pytest.mark.evidence(
    error="FileShareProvisionedBandwidthDowngradeNotAllowed", source="sdk:azure-storage-file-share 12.25.0b1"
)
def test_the_bandwidth_of_a_share_is_not_lowered_on_the_day_it_rose() -> None:
    name = "x-ms-share-provisioned-bandwidth-mibps"
    is_not_lowered_on_the_day(name, "FileShareProvisionedBandwidthDowngradeNotAllowed")


@pytest.mark.evidence(error="TotalSharesCountExceedsAccountLimit", source="document:storage-files-scale-targets")
@pytest.mark.parametrize("version", ["2025-01-05", NEWEST])
def test_an_account_of_provisioned_v2_has_at_most_50_shares(version: str) -> None:
    """The limit is the account's, and so of every version (u)."""
    asker = new_world(kind="provisioned")
    for number in range(49):
        assert asker.ask("PUT", f"/share{number}?restype=share", version=version).status == 201
    is_refused(asker.ask("PUT", "/more?restype=share", version=version), "TotalSharesCountExceedsAccountLimit", "")
    assert code(asker.ask("PUT", "/share0?restype=share", version=version)) == "ShareAlreadyExists"
    assert asker.ask("DELETE", "/share0?restype=share", version=version).status == 202
    assert asker.ask("PUT", "/more?restype=share", version=version).status == 201
