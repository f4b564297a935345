"""What is described of the service, its shares and their snapshots: settings, leases, deletion and its undoing."""

from __future__ import annotations

from azfiles_sim.testing.cassettes.instants import SECOND, to_file_time, to_http_date
from azfiles_sim.testing.cassettes.sessions import Headers, Session

from .described_2019 import SHARE_SHOWN, of_2019
from .described_today import LEASE, OTHER_LEASE, of_today
from .stories import MODIFIED, Story, etag

ENDPOINT = "https://storagename.file.core.windows.net/"
MINE, YOURS = (("x-ms-lease-id", LEASE),), (("x-ms-lease-id", OTHER_LEASE),)
QUOTA = (("x-ms-share-quota", "5120"),)
GONE = "The specified share does not exist."
MISMATCH = "LeaseIdMismatchWithContainerOperation"
MISMATCH_TEXT = "The lease ID specified did not match the lease ID for the file share."
LOST_TEXT = "A lease ID was specified, but the lease for the file share has expired."
SCOPE = (
    "<DefaultEncryptionScope>$account-encryption-key</DefaultEncryptionScope>"
    "<DenyEncryptionScopeOverride>false</DenyEncryptionScopeOverride>"
)


def shares(entries: str, head: str = "") -> str:
    return (
        f'<EnumerationResults ServiceEndpoint="{ENDPOINT}">{head}<Shares>{entries}</Shares>'
        "<NextMarker /></EnumerationResults>"
    )


def acquire(duration: str, lease: str = LEASE) -> Headers:
    return (
        ("x-ms-lease-action", "acquire"),
        ("x-ms-lease-duration", duration),
        ("x-ms-proposed-lease-id", lease),
    )


@of_2019
def file_service_properties() -> Session:
    """Metrics that are off and no rules of cross-origin sharing: words of any case go in, small ones come out."""
    story = Story("file_service_properties")
    sent = "<Version>1.0</Version><Enabled>False</Enabled><RetentionPolicy><Enabled>False</Enabled></RetentionPolicy>"
    body = (
        f"<StorageServiceProperties><HourMetrics>{sent}</HourMetrics><MinuteMetrics>{sent}</MinuteMetrics>"
        "<Cors /></StorageServiceProperties>"
    )
    url = "/?restype=service&comp=properties"
    story.ask("PUT", url, 202, body=f"<?xml version='1.0' encoding='utf-8'?>\n{body}".encode())
    story.ask("GET", url, 200, document=body.replace("False", "false"))
    return story.session()


@of_today
def lease_of_a_share_is_broken() -> Session:
    """A break period is answered; when it is over the lease is lost, and anybody may take another."""
    story = Story("lease_of_a_share_is_broken", version="2020-02-10")
    stamp = story.ask("PUT", "/data?restype=share", 201, stamp=0)
    url = "/data?restype=share&comp=lease"
    story.ask("PUT", url, 201, send=acquire("15"), stamp=stamp, show=MINE)
    story.ask("PUT", url, 201, send=acquire("-1"), stamp=stamp, show=MINE)
    story.refuse(
        "PUT", url, 409, "LeaseAlreadyPresent", "There is already a lease present.", send=acquire("-1", OTHER_LEASE)
    )
    broken = (("x-ms-lease-time", "5"),)
    breaking = (("x-ms-lease-action", "break"), ("x-ms-lease-break-period", "5"))
    story.ask("PUT", url, 202, send=breaking, stamp=stamp, show=broken)
    story.now += 6 * SECOND
    story.refuse("DELETE", "/data?restype=share", 412, "LeaseLost", LOST_TEXT, send=MINE)
    story.refuse("GET", "/data?restype=share", 412, "LeaseLost", LOST_TEXT, send=MINE)
    story.ask("PUT", url, 201, send=acquire("-1", OTHER_LEASE), stamp=stamp, show=YOURS)
    story.refuse("PUT", "/none?restype=share&comp=lease", 404, "ShareNotFound", GONE, send=acquire("-1"))
    return story.session()


@of_today
def lease_of_a_share_is_changed_and_shown() -> Session:
    """A leased share says so, alone and in lists; a lease that was changed goes by its new id."""
    story = Story("lease_of_a_share_is_changed_and_shown", version="2020-02-10")
    stamp = story.ask("PUT", "/data?restype=share", 201, stamp=0)
    url = "/data?restype=share&comp=lease"
    story.ask("PUT", url, 201, send=acquire("-1"), stamp=stamp, show=MINE)
    changed = (("x-ms-lease-action", "change"), ("x-ms-proposed-lease-id", OTHER_LEASE))
    story.ask("PUT", url, 200, send=(*changed, *MINE), stamp=stamp, show=YOURS)
    leased = (("x-ms-lease-status", "locked"), ("x-ms-lease-state", "leased"), ("x-ms-lease-duration", "infinite"))
    tier = (("x-ms-access-tier", "TransactionOptimized"), ("x-ms-access-tier-change-time", to_http_date(stamp)))
    story.ask("GET", "/data?restype=share", 200, send=YOURS, stamp=stamp, show=(*SHARE_SHOWN, *QUOTA, *leased, *tier))
    properties = (
        f"<Last-Modified>{to_http_date(stamp)}</Last-Modified><Etag>{etag(stamp)}</Etag>"
        "<LeaseStatus>locked</LeaseStatus><LeaseState>leased</LeaseState><LeaseDuration>infinite</LeaseDuration>"
        "<Quota>5120</Quota><AccessTier>TransactionOptimized</AccessTier>"
        f"<AccessTierChangeTime>{to_http_date(stamp)}</AccessTierChangeTime>{SCOPE}"
    )
    story.ask(
        "GET",
        "/?comp=list",
        200,
        document=shares(f"<Share><Name>data</Name><Properties>{properties}</Properties></Share>"),
    )
    for target, send in (
        ("/data?restype=share&comp=metadata", ()),
        ("/data?restype=share&comp=acl", ()),
        ("/data?restype=share&comp=properties", (("x-ms-share-quota", "1"),)),
    ):
        story.refuse("PUT", target, 412, MISMATCH, MISMATCH_TEXT, send=(*send, *MINE))
    stamp = story.ask("PUT", "/data?restype=share&comp=metadata", 200, send=YOURS, stamp=0)
    story.refuse("GET", "/data?restype=share&comp=acl", 412, MISMATCH, MISMATCH_TEXT, send=MINE)
    released = (("x-ms-lease-action", "release"), *YOURS)
    story.ask("PUT", url, 200, send=released, stamp=stamp, show=(("x-ms-lease-time", "0"),))
    return story.session()


@of_today
def lease_of_a_share_snapshot() -> Session:
    """A snapshot has a lease of its own, which its share's id does not open; ``include-leased`` deletes it all the same."""
    story = Story("lease_of_a_share_snapshot", version="2020-02-10")
    base = story.ask("PUT", "/data?restype=share", 201, stamp=0)
    story.now += SECOND
    snapshot = to_file_time(story.now // SECOND * SECOND)
    story.ask("PUT", "/data?restype=share&comp=snapshot", 201, stamp=base, show=(("x-ms-snapshot", snapshot),))
    story.ask("PUT", "/data?restype=share&comp=lease", 201, send=acquire("-1"), stamp=base, show=MINE)
    of_snapshot = "sharesnapshot=" + snapshot.replace(":", "%3A")
    leasing = f"/data?restype=share&comp=lease&{of_snapshot}"
    story.ask("PUT", leasing, 201, send=acquire("-1", OTHER_LEASE), stamp=base, show=YOURS)
    story.refuse("GET", f"/data?restype=share&{of_snapshot}", 412, MISMATCH, MISMATCH_TEXT, send=MINE)
    story.refuse("GET", "/data?restype=share", 412, MISMATCH, MISMATCH_TEXT, send=YOURS)
    missing = "There is currently a lease on the file share and no lease ID was specified in the request."
    every = (("x-ms-delete-snapshots", "include-leased"),)
    story.refuse("DELETE", "/data?restype=share", 412, "LeaseIdMissing", missing, send=every)
    story.ask("DELETE", "/data?restype=share", 202, send=(*every, *MINE))
    story.refuse("GET", "/data?restype=share", 404, "ShareNotFound", GONE)
    return story.session()


@of_today
def share_is_deleted_and_restored() -> Session:
    """A deleted share is not found, is listed where deleted ones are asked for, and comes back with a new ETag."""
    story = Story("share_is_deleted_and_restored", version="2020-02-10")
    born = story.ask("PUT", "/data?restype=share", 201, stamp=0)
    story.ask("DELETE", "/data?restype=share", 202)
    deleted = story.now
    version = f"{deleted - 504911232000000000:016X}"  # a file time: it counts from 1601
    story.refuse("GET", "/data?restype=share", 404, "ShareNotFound", GONE)
    properties = (
        f"<Last-Modified>{to_http_date(born)}</Last-Modified><Etag>{etag(born)}</Etag>"
        "<LeaseStatus>unlocked</LeaseStatus><LeaseState>{lease}</LeaseState>"
        "<Quota>5120</Quota><AccessTier>TransactionOptimized</AccessTier>"
        f"<AccessTierChangeTime>{to_http_date(born)}</AccessTierChangeTime>{SCOPE}"
    )
    gone = f"<DeletedTime>{to_http_date(deleted)}</DeletedTime><RemainingRetentionDays>7</RemainingRetentionDays>"
    entry = (
        f"<Share><Name>data</Name><Deleted>true</Deleted><Version>{version}</Version>"
        f"<Properties>{properties.format(lease='broken')}{gone}</Properties></Share>"
    )
    story.ask("GET", "/?comp=list&include=deleted", 200, document=shares(entry))
    named = (("x-ms-deleted-share-name", "data"), ("x-ms-deleted-share-version", version))
    restored = story.ask("PUT", "/data?restype=share&comp=undelete", 201, send=named, stamp=0)
    again = properties.format(lease="available").replace(etag(born), etag(restored))
    again = again.replace(f"<Last-Modified>{to_http_date(born)}", f"<Last-Modified>{to_http_date(restored)}")
    document = shares(f"<Share><Name>data</Name><Properties>{again}</Properties></Share>")
    story.ask("GET", "/?comp=list&include=deleted", 200, document=document)
    return story.session()


@of_today
def share_of_provisioned_v2() -> Session:
    """Creating tells what a share got, setting also from when on that may be lowered, deleting what went with it."""
    story = Story("share_of_provisioned_v2", version="2025-01-05")
    asked = (("x-ms-share-provisioned-iops", "500"), ("x-ms-share-provisioned-bandwidth-mibps", "150"))
    burst = (("x-ms-share-included-burst-iops", "5000"), ("x-ms-share-max-burst-credits-for-iops", "16200000"))
    got = (("x-ms-share-quota", "32"), *asked, *burst)
    born = story.ask("PUT", "/data?restype=share", 201, send=asked, stamp=0, show=got)
    more = (("x-ms-share-provisioned-iops", "3000"), ("x-ms-share-provisioned-bandwidth-mibps", "125"))
    burst = (("x-ms-share-included-burst-iops", "9000"), ("x-ms-share-max-burst-credits-for-iops", "21600000"))
    raised = story.now + SECOND // 10 + 24 * 3600 * SECOND
    lowerable = (
        ("x-ms-share-next-allowed-quota-downgrade-time", to_http_date(born)),
        ("x-ms-share-next-allowed-provisioned-iops-downgrade-time", to_http_date(raised)),
        ("x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time", to_http_date(born)),
    )
    shown = (("x-ms-share-quota", "32"), *more, *burst, *lowerable)
    tier = (("x-ms-access-tier", "Hot"),)
    story.ask("PUT", "/data?restype=share&comp=properties", 200, send=more + tier, stamp=0, show=shown)
    used = (("x-ms-file-share-usage-bytes", "0"), ("x-ms-file-share-snapshot-usage-bytes", "0"))
    story.ask("DELETE", "/data?restype=share", 202, show=used)
    return story.session()


@of_today
def nfs_share_with_links() -> Session:
    """What is in an NFS share shows mode, owner, group and kind; a hard link shares its file, a symbolic one its text."""
    story = Story("nfs_share_with_links", version="2025-07-05")
    protocol = (("x-ms-enabled-protocols", "NFS"),)
    story.ask("PUT", "/data?restype=share", 201, send=protocol, stamp=0)

    def node(number: int, mode: str, kind: str, created: int, changed: int) -> Headers:
        return (
            ("x-ms-file-id", str(number)),
            ("x-ms-file-parent-id", "1"),
            ("x-ms-file-creation-time", to_file_time(created)),
            ("x-ms-file-last-write-time", to_file_time(created)),
            ("x-ms-file-change-time", to_file_time(changed)),
            ("x-ms-mode", mode),
            ("x-ms-owner", "0"),
            ("x-ms-group", "0"),
            ("x-ms-file-file-type", kind),
        )

    first, second, third = 0xC000400000000000, 0xA000400000000000, 0xE000400000000000
    at = story.now + SECOND // 10
    shown = node(first, "0755", "Directory", at, at)
    story.ask("PUT", "/data/dir?restype=directory", 201, stamp=0, show=(*shown, *MODIFIED))
    born = story.now + SECOND // 10
    create = (("x-ms-type", "file"), ("x-ms-content-length", "1024"))
    story.ask(
        "PUT", "/data/file", 201, send=create, stamp=0, show=(*node(second, "0664", "Regular", born, born), *MODIFIED)
    )
    at = story.now + SECOND // 10
    target = (("x-ms-type", "file"), ("x-ms-file-target-file", "/file"))
    linked = (*node(second, "0664", "Regular", born, at), ("x-ms-link-count", "2"))
    encrypted = (("x-ms-request-server-encrypted", "false"),)
    story.ask("PUT", "/data/hard?restype=hardlink", 201, send=target, stamp=0, show=(*linked, *encrypted))
    at = story.now + SECOND // 10
    text = (("x-ms-link-text", "to%20where"),)
    shown = node(third, "0777", "SymLink", at, at)
    stamp = story.ask("PUT", "/data/soft?restype=symboliclink", 201, send=text, stamp=0, show=(*shown, *MODIFIED))
    story.ask("GET", "/data/soft?restype=symboliclink", 200, stamp=stamp, show=text)
    taken = "The specified resource already exists."
    story.refuse("PUT", "/data/soft?restype=symboliclink", 409, "ResourceAlreadyExists", taken, send=text)
    parent = "The specified parent path does not exist."
    story.refuse("PUT", "/data/none/soft?restype=symboliclink", 404, "ParentNotFound", parent, send=text)
    story.refuse("PUT", "/data/none/hard?restype=hardlink", 404, "ParentNotFound", parent, send=target)
    return story.session()
