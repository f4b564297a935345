from __future__ import annotations

import contextlib

import pytest

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
