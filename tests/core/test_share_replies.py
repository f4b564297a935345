"""What the service says of shares of the newer kinds, in headers and in lists."""

from __future__ import annotations

import pytest

from azfiles.core import files, service, shares
from azfiles.errors import ReplyNotUnderstood
from azfiles.models import FileDeleted, PaidBursting, Provisioning, ShareDeleted

from .builders import answer, response

HEADERS = (
    ("x-ms-share-quota", "100"),
    ("x-ms-share-provisioned-iops", "500"),
    ("x-ms-share-provisioned-ingress-mbps", "44"),
    ("x-ms-share-provisioned-egress-mbps", "66"),
    ("x-ms-share-paid-bursting-enabled", "true"),
    ("x-ms-share-paid-bursting-max-iops", "5000"),
    ("x-ms-share-paid-bursting-max-bandwidth-mibps", "1000"),
    ("x-ms-enable-snapshot-virtual-directory-access", "true"),
    ("x-ms-enable-smb-directory-lease", "false"),
)
ITEM = (
    "<EnumerationResults><Shares><Share><Name>nfs</Name><Properties><Last-Modified>Thu, 09 May 2019 01:34:42 GMT"
    '</Last-Modified><Etag>"0x1"</Etag><Quota>100</Quota><ProvisionedIops>500</ProvisionedIops>'
    "<ProvisionedIngressMBps>44</ProvisionedIngressMBps><ProvisionedEgressMBps>66</ProvisionedEgressMBps>"
    "<EnabledProtocols>NFS</EnabledProtocols><RootSquash>AllSquash</RootSquash>"
    "<PaidBurstingEnabled>true</PaidBurstingEnabled><PaidBurstingMaxIops>5000</PaidBurstingMaxIops>"
    "<PaidBurstingMaxBandwidthMibps>1000</PaidBurstingMaxBandwidthMibps>"
    "<EnableSnapshotVirtualDirectoryAccess>true</EnableSnapshotVirtualDirectoryAccess>"
    "<EnableSmbDirectoryLease>false</EnableSmbDirectoryLease></Properties></Share></Shares><NextMarker />"
    "</EnumerationResults>"
)
BURSTING = PaidBursting(enabled=True, max_iops=5000, max_bandwidth_mibps=1000)
PROVISIONED = Provisioning(iops=500, ingress_mbps=44, egress_mbps=66)


def test_a_share_and_its_entry_in_a_list_say_the_same():
    share = answer(shares.get_share_properties("nfs"), response(200, *HEADERS))
    item = answer(service.list_shares(), response(200, body=ITEM.encode())).shares[0]
    for found in (share, item):
        assert (found.paid_bursting, found.provisioning) == (BURSTING, PROVISIONED)
        assert found.snapshot_virtual_directory_access_enabled is True
        assert found.smb_directory_lease_enabled is False
    assert (item.enabled_protocols, item.root_squash) == ("NFS", "AllSquash")


def test_of_other_shares_nothing_of_it_is_known():
    share = answer(shares.get_share_properties("share"), response(200, HEADERS[0]))
    assert (share.paid_bursting, share.provisioning) == (PaidBursting(), Provisioning())
    assert share.snapshot_virtual_directory_access_enabled is share.smb_directory_lease_enabled is None


def test_a_flag_is_true_or_false():
    with pytest.raises(ReplyNotUnderstood, match="neither true nor false"):
        answer(service.list_shares(), response(200, body=ITEM.replace(">true<", ">yes<").encode()))


def test_a_delete_tells_what_went_where_the_service_does():
    told = (("x-ms-file-share-usage-bytes", "11"), ("x-ms-file-share-snapshot-usage-bytes", "0"))
    assert answer(shares.delete_share("data"), response(202, *told)) == ShareDeleted(11, 0)
    assert answer(shares.delete_share("data"), response(202)) == ShareDeleted()


def test_a_delete_of_a_file_tells_its_other_names_on_nfs():
    assert answer(files.delete_file("data", ("f",)), response(202, ("x-ms-link-count", "1"))) == FileDeleted(1)
    assert answer(files.delete_file("data", ("f",)), response(202)) == FileDeleted()
