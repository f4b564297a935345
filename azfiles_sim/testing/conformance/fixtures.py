"""What the claims are made with. A run brings the fixture ``target``, whose share names are its own; the rest is here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import azfiles
from azfiles_sim.testing.targets import NEWEST_VERSION, Capability, Missing, Target


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known, for whoever imports the fixtures into a conftest.py."""
    config.addinivalue_line(
        "markers", "needs(*capabilities): what the target must be able to do for this claim, else it is skipped"
    )


def needs(*capabilities: Capability) -> pytest.MarkDecorator:
    """Mark a claim with what the target must be able to do for it."""
    return pytest.mark.needs(*capabilities)


@pytest.fixture(autouse=True)
def has_what_is_needed(request: pytest.FixtureRequest) -> None:
    """Skip a claim that needs what the target cannot do, and name that."""
    if "target" not in request.fixturenames:
        return
    target: Target = request.getfixturevalue("target")
    for mark in request.node.iter_markers("needs"):
        for capability in mark.args:
            try:
                target.require(capability)
            except Missing as missing:
                pytest.skip(f"{target.name}: {missing}")


@pytest.fixture
def client(target: Target) -> azfiles.ServiceClient:
    return target.connect()


@pytest.fixture
def share(target: Target, client: azfiles.ServiceClient) -> azfiles.ShareClient:
    """An existing, empty share."""
    share = client.share(target.share_name("data"))
    share.create()
    return share


@pytest.fixture
def newest(target: Target, share: azfiles.ShareClient) -> azfiles.ShareClient:
    """The share, seen through the newest service version."""
    return target.connect(api_version=NEWEST_VERSION).share(share.name)


@pytest.fixture
def nfs(target: Target) -> azfiles.ShareClient:
    """An existing, empty NFS share."""
    premium = target.connect(account=target.account_of(Capability.PREMIUM_ACCOUNT), api_version=NEWEST_VERSION)
    share = premium.share(target.share_name("nfs"))
    share.create(quota_gib=100, enabled_protocols="NFS", root_squash="NoRootSquash")
    return share


@pytest.fixture
def settings(client: azfiles.ServiceClient) -> Iterator[azfiles.ServiceProperties]:
    """The settings of the whole account, which are put back afterwards."""
    before = client.get_properties()
    yield before
    client.set_properties(hour_metrics=before.hour_metrics, minute_metrics=before.minute_metrics, cors=before.cors)


__all__ = ["client", "has_what_is_needed", "newest", "nfs", "pytest_configure", "settings", "share"]
