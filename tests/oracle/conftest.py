"""One Azurite for all tests of a worker; without Node the tests that need it skip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .bench import Bench


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    bench = Bench()
    bench.azurite()  # skips here where Node or Azurite is absent
    yield bench
    bench.close()
