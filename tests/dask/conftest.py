"""A simulator behind a socket, and a Dask cluster of processes on this machine that reach it by their environment."""

from __future__ import annotations

import pytest

import azfiles
from azfiles.filesystem import AzureFilesFileSystem
from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread
from tests.filesystem.needing import need


@pytest.fixture(scope="module")
def served():
    with serve_in_thread(Simulator()) as served, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURE_STORAGE_CONNECTION_STRING", served.connection_string)
        yield served
        # Dask opens file systems here, too, and fsspec keeps them: whoever forgets them has to end their connections.
        for kept in AzureFilesFileSystem._cache.values():
            kept.disconnect()
        AzureFilesFileSystem.clear_instance_cache()


@pytest.fixture
def cluster(served):
    """Two worker processes of the test's own, for some tests kill one."""
    distributed = need("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address="127.0.0.1:0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def share(served, request):
    """A share of the test's own."""
    name = request.node.name.replace("_", "-")[:60].strip("-")
    with azfiles.connect(served.connection_string) as service:
        share = service.share(name)
        share.create()
        yield share
