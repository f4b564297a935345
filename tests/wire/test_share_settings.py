"""Account kinds on the wire: provisioned shares, paid bursting, NFS shares; each header from its version on."""

from __future__ import annotations

import pytest

from azfiles_sim import AccountSpec, ManualClock, Reply, Simulator
from azfiles_sim.wire.api_versions import KNOWN
from azfiles_sim.wire.vocabulary import SHOWN_OF_SHARES

from .asking import ACCOUNT, KEY, NEWEST, START, Asker, code, content, detail, header, xml

SHARE = "/data?restype=share"
NOW = "Mon, 04 May 2026 03:02:01 GMT"
TOMORROW = "Tue, 05 May 2026 03:02:01 GMT"
NFS = ("x-ms-enabled-protocols", "NFS")


class Of(Asker):
    """An account of some kind."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.clock = ManualClock(START)
        self.simulator = Simulator([AccountSpec(ACCOUNT, kind, (KEY,))], clock=self.clock)


def create(asker: Asker, *headers: tuple[str, str]) -> Reply:
    reply = asker.ask("PUT", SHARE, *headers)
    assert reply.status == 201
    return reply


def shown(reply: Reply) -> dict[str, str]:
    """The headers of a reply that show a share's settings."""
    return {name: value for name, value in reply.headers if name in SHOWN_OF_SHARES or name == "x-ms-share-quota"}


def test_a_default_share_of_a_standard_account_shows_its_quota_only() -> None:
    asker = Of("standard")
    assert shown(create(asker)) == {}
    assert shown(asker.ask("GET", SHARE)) == {"x-ms-share-quota": "5120"}
    assert "Provisioned" not in content(asker.ask("GET", "/?comp=list")).decode()


def test_a_premium_share_shows_what_its_size_provides() -> None:
    asker = Of("premium")
    assert shown(create(asker, ("x-ms-share-quota", "100"))) == {}
    assert shown(asker.ask("GET", SHARE)) == {
        "x-ms-share-quota": "100",
        "x-ms-share-provisioned-iops": "3100",
        "x-ms-share-provisioned-ingress-mbps": "44",
        "x-ms-share-provisioned-egress-mbps": "66",
        "x-ms-share-provisioned-bandwidth-mibps": "110",
        "x-ms-share-next-allowed-quota-downgrade-time": NOW,
    }
    reply = asker.ask("PUT", f"{SHARE}&comp=properties", ("x-ms-share-quota", "200"))
    assert (reply.status, shown(reply)) == (200, {})
    assert header(asker.ask("GET", SHARE), "x-ms-share-next-allowed-quota-downgrade-time") == TOMORROW
    reply = asker.ask("PUT", f"{SHARE}&comp=properties", ("x-ms-share-quota", "100"))
    assert (reply.status, code(reply)) == (409, "ContainerQuotaDowngradeNotAllowed")


def test_provisioned_v2_answers_what_a_share_got() -> None:
    asker = Of("provisioned")
    given = {
        "x-ms-share-quota": "32",
        "x-ms-share-provisioned-iops": "500",
        "x-ms-share-provisioned-bandwidth-mibps": "150",
        "x-ms-share-included-burst-iops": "5000",
        "x-ms-share-max-burst-credits-for-iops": "16200000",
    }
    got = {
        **given,
        "x-ms-share-next-allowed-quota-downgrade-time": NOW,
        "x-ms-share-next-allowed-provisioned-iops-downgrade-time": NOW,
        "x-ms-share-next-allowed-provisioned-bandwidth-downgrade-time": NOW,
    }
    asked = (("x-ms-share-provisioned-iops", "500"), ("x-ms-share-provisioned-bandwidth-mibps", "150"))
    assert shown(create(asker, *asked)) == given
    assert shown(asker.ask("GET", SHARE)) == got
    changed = (("x-ms-share-provisioned-iops", "3000"), ("x-ms-share-provisioned-bandwidth-mibps", "125"))
    reply = asker.ask("PUT", f"{SHARE}&comp=properties", *changed, ("x-ms-access-tier", "Hot"))
    assert reply.status == 200
    assert (
        shown(reply)
        == shown(asker.ask("GET", SHARE))
        == {
            **got,
            "x-ms-share-provisioned-iops": "3000",
            "x-ms-share-provisioned-bandwidth-mibps": "125",
            "x-ms-share-included-burst-iops": "9000",
            "x-ms-share-max-burst-credits-for-iops": "21600000",
            "x-ms-share-next-allowed-provisioned-iops-downgrade-time": TOMORROW,
        }
    )
    listed = content(asker.ask("GET", "/?comp=list")).decode()
    assert (
        f"<Quota>32</Quota><ProvisionedIops>3000</ProvisionedIops><ProvisionedBandwidthMiBps>125</ProvisionedBandwidthMiBps>"
        f"<NextAllowedQuotaDowngradeTime>{NOW}</NextAllowedQuotaDowngradeTime><IncludedBurstIops>9000</IncludedBurstIops>"
        f"<MaxBurstCreditsForIops>21600000</MaxBurstCreditsForIops>"
        f"<NextAllowedProvisionedIopsDowngradeTime>{TOMORROW}</NextAllowedProvisionedIopsDowngradeTime>"
        f"<NextAllowedProvisionedBandwidthDowngradeTime>{NOW}</NextAllowedProvisionedBandwidthDowngradeTime><AccessTier>"
    ) in listed


def test_paid_bursting_is_shown_while_it_was_spoken_of() -> None:
    asker = Of("premium")
    create(
        asker, ("x-ms-share-paid-bursting-enabled", "true"), ("x-ms-share-paid-bursting-max-iops", "5000"),
        ("x-ms-share-paid-bursting-max-bandwidth-mibps", "1000"),
    )  # fmt: skip
    found = shown(asker.ask("GET", SHARE))
    assert found["x-ms-share-paid-bursting-enabled"] == "true"
    assert found["x-ms-share-paid-bursting-max-iops"] == "5000"
    assert found["x-ms-share-paid-bursting-max-bandwidth-mibps"] == "1000"
    assert (
        "<PaidBurstingEnabled>true</PaidBurstingEnabled><PaidBurstingMaxIops>5000</PaidBurstingMaxIops>"
        "<PaidBurstingMaxBandwidthMibps>1000</PaidBurstingMaxBandwidthMibps>"
    ) in content(asker.ask("GET", "/?comp=list")).decode()
    asker.ask("PUT", f"{SHARE}&comp=properties", ("x-ms-share-paid-bursting-enabled", "false"))
    found = shown(asker.ask("GET", SHARE))
    assert found["x-ms-share-paid-bursting-enabled"] == "false"
    assert "x-ms-share-paid-bursting-max-iops" not in found


def test_an_nfs_share_says_so() -> None:
    asker = Of("premium")
    create(asker, NFS, ("x-ms-root-squash", "AllSquash"), ("x-ms-enable-snapshot-virtual-directory-access", "false"))
    reply = asker.ask("GET", SHARE)
    assert header(reply, "x-ms-enabled-protocols") == "NFS"
    assert header(reply, "x-ms-root-squash") == "AllSquash"
    assert header(reply, "x-ms-enable-snapshot-virtual-directory-access") == "false"
    assert (
        "<EnabledProtocols>NFS</EnabledProtocols><RootSquash>AllSquash</RootSquash>"
        "<EnableSnapshotVirtualDirectoryAccess>false</EnableSnapshotVirtualDirectoryAccess>"
    ) in content(asker.ask("GET", "/?comp=list")).decode()
    root = asker.ask("GET", "/data?restype=directory")
    assert (header(root, "x-ms-mode"), header(root, "x-ms-file-attributes")) == ("0755", None)


@pytest.mark.parametrize(
    "pair",
    [
        NFS,
        ("x-ms-root-squash", "NoRootSquash"),
        ("x-ms-share-provisioned-iops", "3000"),
        ("x-ms-share-paid-bursting-enabled", "true"),
        ("x-ms-enabled-protocols", "FTP"),
        ("x-ms-root-squash", "Squash"),
        ("x-ms-enable-smb-directory-lease", "perhaps"),
    ],
)
def test_what_a_standard_account_does_not_have_is_400_and_named(pair: tuple[str, str]) -> None:
    is_named(Of("standard").ask("PUT", SHARE, pair), pair)


def is_named(reply: Reply, pair: tuple[str, str]) -> None:
    """InvalidHeaderValue with the header as it was sent."""
    assert (reply.status, code(reply)) == (400, "InvalidHeaderValue")
    assert (detail(reply, "HeaderName"), detail(reply, "HeaderValue")) == pair


@pytest.mark.parametrize(
    ("kind", "pairs"),
    [
        ("standard", [("x-ms-share-quota", "102401")]),
        ("standard", [("x-ms-access-tier", "Premium")]),
        ("standard", [("x-ms-share-provisioned-bandwidth-mibps", "100")]),
        ("standard", [("x-ms-enable-snapshot-virtual-directory-access", "true")]),
        ("premium", [("x-ms-share-quota", "99")]),
        ("premium", [("x-ms-access-tier", "hot")]),
        ("premium", [("x-ms-enable-smb-directory-lease", "true"), NFS]),
        ("premium", [("x-ms-share-paid-bursting-max-iops", "5000")]),
        ("premium", [("x-ms-share-paid-bursting-max-bandwidth-mibps", "5"), ("x-ms-share-paid-bursting-enabled", "false")]),
        ("provisioned", [("x-ms-share-paid-bursting-enabled", "true")]),
    ],
)  # fmt: skip
def test_a_setting_that_is_refused_is_named(kind: str, pairs: list[tuple[str, str]]) -> None:
    is_named(Of(kind).ask("PUT", SHARE, *pairs), pairs[0])


@pytest.mark.parametrize(
    ("kind", "tiers"),
    [
        ("standard", {"TransactionOptimized", "Hot", "Cool"}),
        ("premium", {"Premium"}),
        ("provisioned", {"TransactionOptimized", "Hot", "Cool", "Premium"}),
    ],
)
def test_each_kind_takes_its_access_tiers(kind: str, tiers: set[str]) -> None:
    asker = Of(kind)
    create(asker)
    taken = set()
    for tier in ("TransactionOptimized", "Hot", "Cool", "Premium"):
        reply = asker.ask("PUT", f"{SHARE}&comp=properties", ("x-ms-access-tier", tier))
        if reply.status == 200:
            taken.add(tier)
            assert header(asker.ask("GET", SHARE), "x-ms-access-tier") == tier
        else:
            is_named(reply, ("x-ms-access-tier", tier))
    assert taken == tiers


def test_an_smb_directory_lease_is_shown_where_it_was_set() -> None:
    asker = Of("standard")
    create(asker, ("x-ms-enable-smb-directory-lease", "true"))
    assert header(asker.ask("GET", SHARE), "x-ms-enable-smb-directory-lease") == "true"
    assert xml(asker.ask("GET", "/?comp=list")).findtext(".//EnableSmbDirectoryLease") == "true"


@pytest.mark.parametrize("name", SHOWN_OF_SHARES)
def test_a_setting_is_shown_from_its_version_on(name: str) -> None:
    if "paid-bursting" in name:
        asker = Of("premium")
        limits = (("x-ms-share-paid-bursting-max-iops", "5"), ("x-ms-share-paid-bursting-max-bandwidth-mibps", "5"))
        create(asker, ("x-ms-share-paid-bursting-enabled", "true"), *limits)
    elif name == "x-ms-enable-smb-directory-lease":
        asker = Of("standard")
        create(asker, (name, "true"))
    else:
        asker = Of("premium" if "gress" in name else "provisioned")
        create(asker, NFS)
    since = SHOWN_OF_SHARES[name]
    before = KNOWN[KNOWN.index(since) - 1]
    seen = [header(asker.ask("GET", SHARE, version=version), name) is not None for version in (before, since, NEWEST)]
    assert seen == [False, True, True]


def test_what_was_provisioned_is_answered_from_the_version_of_provisioned_v2_on() -> None:
    asker = Of("provisioned")
    assert shown(asker.ask("PUT", "/one?restype=share", version="2024-11-04")) == {}
    assert "x-ms-share-quota" in shown(asker.ask("PUT", "/two?restype=share", version="2025-01-05"))


@pytest.mark.parametrize(
    ("version", "shown"), [("2024-11-04", (None, None)), ("2025-01-05", ("0", "0")), (NEWEST, ("0", "0"))]
)
def test_a_deleted_share_of_provisioned_v2_tells_what_went_from_2025_01_05(
    version: str, shown: tuple[str | None, str | None]
) -> None:
    asker = Of("provisioned")
    create(asker)
    reply = asker.ask("DELETE", SHARE, version=version)
    assert reply.status == 202
    names = ("x-ms-file-share-usage-bytes", "x-ms-file-share-snapshot-usage-bytes")
    assert tuple(header(reply, name) for name in names) == shown
