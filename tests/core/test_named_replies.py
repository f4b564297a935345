"""A part of a reply that is not what the service promises is not understood, and the refusal names that part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from azfiles.core import directories, files, handles, leases, ranges, service, shares
from azfiles.core.operation import Operation
from azfiles.errors import ReplyNotUnderstood
from azfiles.models import Provisioning

from .builders import GUID, answer, response

WHEN, ISO = "Thu, 09 May 2019 01:34:42 GMT", "2019-05-09T01:34:42.1234567Z"
AT = datetime(2019, 5, 9, 1, 34, 42, tzinfo=UTC)
START = datetime(2026, 3, 1, tzinfo=UTC)


def element(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>"


SHARE = {
    "Last-Modified": WHEN,
    "Quota": "100",
    "AccessTierChangeTime": WHEN,
    "DeletedTime": WHEN,
    "RemainingRetentionDays": "7",
    "ProvisionedIops": "1",
    "ProvisionedBandwidthMiBps": "2",
    "IncludedBurstIops": "3",
    "MaxBurstCreditsForIops": "4",
    "NextAllowedQuotaDowngradeTime": WHEN,
    "NextAllowedProvisionedIopsDowngradeTime": "Fri, 10 May 2019 01:34:42 GMT",
    "NextAllowedProvisionedBandwidthDowngradeTime": "Sat, 11 May 2019 01:34:42 GMT",
    "ProvisionedIngressMBps": "5",
    "ProvisionedEgressMBps": "6",
    "PaidBurstingEnabled": "true",
    "PaidBurstingMaxIops": "7",
    "PaidBurstingMaxBandwidthMibps": "8",
    "EnableSnapshotVirtualDirectoryAccess": "true",
    "EnableSmbDirectoryLease": "true",
}
ENTRY = {
    "Content-Length": "3",
    "CreationTime": ISO,
    "LastAccessTime": ISO,
    "LastWriteTime": ISO,
    "ChangeTime": ISO,
    "Last-Modified": WHEN,
}
USER_KEY = {
    "SignedOid": GUID,
    "SignedTid": GUID,
    "SignedStart": "2026-03-01T00:00:00Z",
    "SignedExpiry": "2026-03-02T00:00:00Z",
    "SignedService": "f",
    "SignedVersion": "2026-02-06",
    "Value": "a2V5",
}
TIMES = ("SignedStart", "SignedExpiry")
Parts = dict[str, str]


def shares_document(parts: Parts) -> bytes:
    properties = "".join(element(name, text) for name, text in {"Etag": '"0x1"', **parts}.items())
    share = element("Share", element("Name", "s") + element("Properties", properties))
    return element("EnumerationResults", element("Shares", share) + "<NextMarker />").encode()


def entries_document(parts: Parts) -> bytes:
    properties = "".join(element(name, text) for name, text in parts.items())
    entries = element("Entries", element("File", element("Name", "f") + element("Properties", properties)))
    return element("EnumerationResults", entries + "<NextMarker />").encode()


def key_document(parts: Parts) -> bytes:
    return element("UserDelegationKey", "".join(element(name, text) for name, text in parts.items())).encode()


BODIES: list[tuple[str, Callable[[], Operation[object]], Callable[[Parts], bytes], Parts]] = [
    *((name, service.list_shares, shares_document, SHARE) for name in SHARE),
    *((name, lambda: directories.list_directory("share", ()), entries_document, ENTRY) for name in ENTRY),
    *(
        (name, lambda: service.get_user_delegation_key(START, START + timedelta(1)), key_document, USER_KEY)
        for name in TIMES
    ),
]


@pytest.mark.parametrize(("name", "make", "document", "parts"), BODIES, ids=[row[0] for row in BODIES])
def test_an_element_that_is_not_what_was_promised_is_named(name: str, make, document, parts: Parts) -> None:
    version = "2026-10-06"
    assert answer(make(), response(200, body=document(parts)), api_version=version) is not None
    with pytest.raises(ReplyNotUnderstood, match=rf"(?<![\w-]){name}(?![\w-])"):
        answer(make(), response(200, body=document({**parts, name: "?"})), api_version=version)


@pytest.mark.parametrize("name", USER_KEY)
def test_a_users_key_lacks_none_of_its_parts(name: str) -> None:
    operation = service.get_user_delegation_key(START, START + timedelta(1))
    for body in (key_document({**USER_KEY, name: ""}), key_document({k: v for k, v in USER_KEY.items() if k != name})):
        with pytest.raises(ReplyNotUnderstood, match=f"<{name}>"):
            answer(operation, response(200, body=body))


PROVISIONED = Provisioning(
    iops=1,
    bandwidth_mibps=2,
    included_burst_iops=3,
    max_burst_credits_for_iops=4,
    next_quota_downgrade_at=AT,
    next_iops_downgrade_at=AT + timedelta(days=1),
    next_bandwidth_downgrade_at=AT + timedelta(days=2),
    ingress_mbps=5,
    egress_mbps=6,
)
PROVISIONED_HEADERS = {
    "x-ms-share-provisioned-iops": "1",
    "x-ms-share-provisioned-bandwidth-mibps": "2",
    "x-ms-share-included-burst-iops": "3",
    "x-ms-share-max-burst-credits-for-iops": "4",
    "x-ms-share-next-allowed-quota-downgrade-time": WHEN,
    "x-ms-share-next-allowed-provisioned-iops-downgrade-time": "Fri, 10 May 2019 01:34:42 GMT",
    "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time": "Sat, 11 May 2019 01:34:42 GMT",
    "x-ms-share-provisioned-ingress-mbps": "5",
    "x-ms-share-provisioned-egress-mbps": "6",
}


def test_all_that_a_share_is_provisioned_with_is_told_in_a_list_and_by_itself() -> None:
    listed = answer(service.list_shares(), response(200, body=shares_document(SHARE))).shares[0]
    one = answer(
        shares.get_share_properties("share"),
        response(200, ("x-ms-share-quota", "100"), *PROVISIONED_HEADERS.items()),
    )
    made = answer(shares.create_share("share"), response(201, *PROVISIONED_HEADERS.items()))
    assert listed.provisioning == one.provisioning == made.provisioning == PROVISIONED


HEADERS: list[tuple[str, Callable[[], Operation[object]], int, Parts]] = [
    *(
        (name, lambda: shares.get_share_properties("share"), 200, {"x-ms-share-quota": "100", name: "?"})
        for name in (
            "x-ms-share-quota",
            *PROVISIONED_HEADERS,
            "x-ms-share-paid-bursting-enabled",
            "x-ms-share-paid-bursting-max-iops",
            "x-ms-share-paid-bursting-max-bandwidth-mibps",
            "x-ms-enable-snapshot-virtual-directory-access",
            "x-ms-enable-smb-directory-lease",
        )
    ),
    *(
        (name, lambda: files.get_file_properties("share", ("f",)), 200, {"Content-Length": "1", name: "?"})
        for name in (
            "Content-Length",
            "x-ms-file-creation-time",
            "x-ms-file-last-write-time",
            "x-ms-file-change-time",
            "x-ms-server-encrypted",
            "x-ms-link-count",
        )
    ),
    *(
        (name, lambda: files.get_file_properties("share", ("f",)), 200, {**COPY, name: "?"})
        for COPY in ({"Content-Length": "1", "x-ms-copy-id": "c", "x-ms-copy-status": "success"},)
        for name in ("x-ms-copy-progress", "x-ms-copy-completion-time")
    ),
    ("x-ms-lease-time", lambda: leases.break_share_lease("share"), 202, {"x-ms-lease-time": "?"}),
    ("x-ms-request-server-encrypted", lambda: files.create_file("share", ("f",), 0), 201, {"x-ms-request-server-encrypted": "?"}),
    ("x-ms-content-length", lambda: ranges.list_ranges("share", ("f",)), 200, {"x-ms-content-length": "?"}),
    ("x-ms-number-of-handles-closed", lambda: handles.close_file_handles("share", ("f",), "*"), 200,
     {"x-ms-number-of-handles-closed": "?"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "status", "headers"), HEADERS, ids=[row[0] for row in HEADERS])
def test_a_header_that_is_not_what_was_promised_is_named(name: str, make, status: int, headers: Parts) -> None:
    with pytest.raises(ReplyNotUnderstood, match=rf"(?<![\w-]){name}(?![\w-])"):
        answer(make(), response(status, *headers.items(), body=b"<Ranges />"))


@pytest.mark.parametrize("given", [("x-ms-copy-id", "c"), ("x-ms-copy-status", "success")])
def test_a_file_was_copied_where_the_copys_id_and_status_are_told_both(given: tuple[str, str]) -> None:
    found = answer(files.get_file_properties("share", ("f",)), response(200, ("Content-Length", "1"), given))
    assert found.copy is None


@pytest.mark.parametrize("given", [("x-ms-lease-status", "locked"), ("x-ms-lease-state", "leased")])
def test_a_lease_is_told_by_status_and_state_both(given: tuple[str, str]) -> None:
    found = answer(files.get_file_properties("share", ("f",)), response(200, ("Content-Length", "1"), given))
    assert found.lease is None
