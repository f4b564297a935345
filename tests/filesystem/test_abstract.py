"""fsspec's own suite for file systems, all of it; ``make test`` takes the first cases of each test that has many."""

from __future__ import annotations

import pytest
from fsspec.tests import abstract

from azfiles.filesystem import AzureFilesFileSystem
from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread


class InProcess(abstract.AbstractFixtures):
    @pytest.fixture(scope="class")
    @classmethod
    def fs(cls):
        fs = AzureFilesFileSystem(handler=Simulator().handle, retry=None, skip_instance_cache=True)
        fs.mkdir("data")
        return fs

    @pytest.fixture
    def fs_path(self):
        return "data"

    @pytest.fixture
    def fs_join(self):
        return lambda *names: "/".join(names)


class TestCopy(abstract.AbstractCopyTests, InProcess): ...


class TestGet(abstract.AbstractGetTests, InProcess): ...


class TestPut(abstract.AbstractPutTests, InProcess): ...


class TestPipe(abstract.AbstractPipeTests, InProcess): ...


class TestOpen(abstract.AbstractOpenTests, InProcess): ...


class Served(InProcess):
    """The same over HTTP, with listings that are kept: what is written here must not be hidden by them."""

    @pytest.fixture(scope="class")
    @classmethod
    def fs(cls):
        with serve_in_thread(Simulator()) as served:
            fs = AzureFilesFileSystem(
                connection_string=served.connection_string, use_listings_cache=True, skip_instance_cache=True
            )
            fs.mkdir("data")
            yield fs
            fs.disconnect()


class TestCopyServed(abstract.AbstractCopyTests, Served): ...


class TestGetServed(abstract.AbstractGetTests, Served): ...


class TestPutServed(abstract.AbstractPutTests, Served): ...


class TestPipeServed(abstract.AbstractPipeTests, Served): ...


class TestOpenServed(abstract.AbstractOpenTests, Served): ...
