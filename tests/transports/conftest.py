from __future__ import annotations

import contextlib

import pytest

from azfiles_sim.server.certificates import obtain
from tests.transports.carriers import CARRIERS, carrier


@pytest.fixture(params=CARRIERS)
def make(request):
    """Makes transports of one kind, and closes them when the test ends."""
    with contextlib.ExitStack() as stack:

        def make(**options):
            client = carrier(request.param, **options)
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return obtain(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def served_tls(certificates):
    return certificates.server_context()
