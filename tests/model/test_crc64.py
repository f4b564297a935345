"""The checksum of Azure Storage."""

from __future__ import annotations

import base64
import hashlib
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles_sim.model import crc64
from azfiles_sim.model.crc64 import LANE_BYTES, MANY_BYTES, crc64_bytes, pure_crc64


def test_the_check_value_of_the_catalogue_and_a_recorded_checksum() -> None:
    assert pure_crc64([b"123456789"]) == 0xAE8B14860A799888
    assert base64.b64encode(crc64_bytes(pure_crc64([b"abcdefghijklmnop" * 32]))) == b"EZA9hgZaRrQ="
    assert pure_crc64([]) == 0


@given(data=st.binary(max_size=100), cut=st.integers(0, 100))
def test_a_checksum_does_not_depend_on_how_the_bytes_are_cut(data: bytes, cut: int) -> None:
    whole = pure_crc64([data])
    assert pure_crc64([data[:cut], memoryview(data)[cut:]]) == whole
    assert pure_crc64([data[cut:]], pure_crc64([data[:cut]])) == whole


@given(data=st.binary(max_size=40))
def test_the_tables_agree_with_the_polynomial_bit_by_bit(data: bytes) -> None:
    register = (1 << 64) - 1
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0x9A6C9329AC4BC9B5 if register & 1 else 0)
    assert pure_crc64([data]) == register ^ ((1 << 64) - 1)


@pytest.mark.parametrize("extra", [0, 1, LANE_BYTES - 1, LANE_BYTES, 3 * LANE_BYTES + 5])
def test_long_data_in_lanes_has_the_checksum_of_its_pieces(extra: int) -> None:
    data = b"".join(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(MANY_BYTES // 32 + 400))
    data = data[: MANY_BYTES + extra]
    before = pure_crc64([b"before"])
    pieces = [data[at : at + 50_000] for at in range(0, len(data), 50_000)]
    assert pure_crc64([data], before) == pure_crc64(pieces, before)


def test_a_library_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """From buffer to buffer, each with what came before. ``tests/packaging`` holds the real one to the tables."""
    library = types.ModuleType("awscrt.checksums")
    vars(library)["crc64nvme"] = lambda data, previous: 10 * previous + len(data)
    monkeypatch.setitem(sys.modules, "awscrt", types.ModuleType("awscrt"))
    monkeypatch.setitem(sys.modules, "awscrt.checksums", library)
    with chosen_anew():
        assert crc64.crc64([b"ab", memoryview(b"c")], 3) == 321


def test_without_the_library_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "awscrt.checksums", None)
    with chosen_anew():
        assert crc64.crc64([b"123456789"]) == 0xAE8B14860A799888


@contextmanager
def chosen_anew() -> Iterator[None]:
    crc64._implementation.cache_clear()
    try:
        yield
    finally:
        crc64._implementation.cache_clear()
