"""Limits of the service: what just fits is taken, what just does not is refused with the limit's own code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutShare
from azfiles_sim.model.entities import TICKS_PER_SECOND, AccessPolicy
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.limits import check_file_size, check_metadata, page_size, store_bytes
from azfiles_sim.model.names import check_path
from tests.model.world import World

GIB = 1 << 30
DEVICES = ["PRN", "AUX", "NUL", "CON", "CLOCK$", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))]


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_of_dos_is_no_name_in_any_case(name: str) -> None:
    for spelled in (name, name.lower()):
        with pytest.raises(ServiceError) as caught:
            check_path((spelled,))
        assert caught.value.code is Code.INVALID_RESOURCE_NAME
    check_path((f"{name}.txt", f"x{name}", f"{name}x"))


@pytest.mark.parametrize("name", ["COM0", "LPT0", "COM10", "PRN1", "CLOCK"])
def test_what_only_looks_like_a_device_is_a_name(name: str) -> None:
    check_path((name,))


def test_metadata_are_8192_bytes_at_most_names_and_values_in_utf_8_together() -> None:
    check_metadata((("ab", "x" * 8190),))
    check_metadata((("ab", "\u00e4" * 4095),))
    for too_much in ("x" * 8191, "\u00e4" * 4095 + "x"):
        with pytest.raises(ServiceError) as caught:
            check_metadata((("ab", too_much),))
        assert caught.value.code is Code.METADATA_TOO_LARGE


@pytest.mark.parametrize("name", ["_", "a", "Z9_", "_1"])
def test_a_name_of_metadata_may_be_an_identifier(name: str) -> None:
    check_metadata(((name, ""),))


@pytest.mark.parametrize(
    ("name", "code"), [("", Code.EMPTY_METADATA_KEY), ("1a", Code.INVALID_METADATA), ("a-b", Code.INVALID_METADATA)]
)
def test_a_name_of_metadata_that_is_no_identifier_is_refused(name: str, code: Code) -> None:
    with pytest.raises(ServiceError) as caught:
        check_metadata((("fine", "x"), (name, "x")))
    assert caught.value.code is code


def test_a_file_has_up_to_4_tib() -> None:
    check_file_size(0)
    check_file_size(4 << 40)
    for size in (-1, (4 << 40) + 1):
        with pytest.raises(ServiceError) as caught:
            check_file_size(size)
        assert caught.value.code is Code.OUT_OF_RANGE_INPUT


def test_a_page_has_up_to_5000_entries() -> None:
    assert [page_size(asked) for asked in (None, 1, 4999, 5000, 5001)] == [5000, 1, 4999, 5000, 5000]


def test_a_share_holds_as_many_bytes_as_its_quota_and_takes_bytes_back_where_it_holds_more(world: World) -> None:
    share = replace(world.share(), quota_gib=2, written=2 * GIB - 5)
    (full,) = store_bytes(share, 5)
    assert isinstance(full, PutShare)
    assert full.share.written == 2 * GIB
    with pytest.raises(ServiceError) as caught:
        store_bytes(share, 6)
    assert caught.value.code is Code.SHARE_SIZE_LIMIT_REACHED
    over = replace(share, written=3 * GIB)
    (less,) = store_bytes(over, -1)
    assert isinstance(less, PutShare)
    assert less.share.written == 3 * GIB - 1
    (more_files,) = store_bytes(over, 0, files_added=1)
    assert isinstance(more_files, PutShare)
    assert (more_files.share.files_made, more_files.share.written) == (over.files_made + 1, 3 * GIB)
    assert store_bytes(over, 0) == ()


def test_counting_bytes_changes_nothing_else_of_a_share(world: World) -> None:
    share = replace(
        world.share(), metadata=(("a", "b"),), policies=(AccessPolicy("p"),), last_snapshot=7, files_made=3, written=4
    )
    (counted,) = store_bytes(share, 5, files_added=2)
    assert isinstance(counted, PutShare)
    assert counted.share == replace(share, written=9, files_made=5)


def test_a_share_has_up_to_five_access_policies_with_ids_of_up_to_64_characters(world: World) -> None:
    five = tuple(AccessPolicy(str(n)) for n in range(5))
    world.do(c.SetShareAccessPolicy, share="data", policies=five)
    assert world.share().policies == five
    world.do(c.SetShareAccessPolicy, share="data", policies=(AccessPolicy("x" * 64),))


def test_a_user_delegation_key_lives_for_seven_days_from_now_at_most() -> None:
    world = World()
    now = world.clock.now()
    week = 7 * 24 * 3600 * TICKS_PER_SECOND

    def ask(start: int, expiry: int) -> object:
        return world.do(
            c.GetUserDelegationKey, start=start, expiry=expiry, object_id="o", tenant="t", delegated_tenant=None
        )

    assert ask(now, now + week)
    assert ask(now - week, now + 1)
    for start, expiry in (
        (now, now + week + 1),
        (now, now),
        (now - 2, now),
        (now + 5, now + 5),
        (now + week + 1, now + 9),
    ):
        with pytest.raises(ServiceError) as caught:
            ask(start, expiry)
        assert (caught.value.code, caught.value.details) == (
            Code.INVALID_XML_NODE_VALUE,
            (("XmlNodeName", "Expiry"),),
        )


@pytest.mark.parametrize(("kind", "shown"), [("standard", False), ("premium", True), ("provisioned", True)])
def test_an_account_tells_the_protocol_settings_that_its_kind_has(kind: str, shown: bool) -> None:
    assert World(kind=kind).do(c.GetServiceProperties).shows_protocols is shown
