"""A refusal says which part of the command it is about: the reply names that header or query parameter, and its value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.changes import PutShare
from azfiles_sim.model.commands import LeaseAction, NfsRequest, ShareRequest, SmbRequest, Word
from azfiles_sim.model.entities import Attributes
from azfiles_sim.model.errors import Code
from azfiles_sim.model.settings import ShareSettings
from tests.model.world import SDDL, A, World

TIMES = ("creation", "last_write", "change")
SOURCE = c.CopySource(account="acct", share="data", path=("from",))
COPY = {"path": "to", "source": SOURCE, "source_url": "u"}


@pytest.fixture
def world(world: World) -> World:
    world.make_file("f", 10)
    world.make_file("from", 10)
    world.make_directory("d")
    return world


def named(world: World, kind: type, fields: dict[str, Any], code: Code = Code.INVALID_HEADER_VALUE) -> str:
    return world.refused(code, kind, **{"share": "data", **fields}).field


CREATE = [(c.CreateFile, {"path": "new", "size": 1}), (c.CreateDirectory, {"path": "new"})]
SET = [(c.SetFileProperties, {"path": "f"}), (c.SetDirectoryProperties, {"path": "d"})]


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        *((kind, fields, (Word.PRESERVE, Word.SOURCE)) for kind, fields in CREATE),
        *((kind, fields, (Word.SOURCE,)) for kind, fields in SET),
        (c.CopyFile, COPY, (Word.PRESERVE,)),
    ],
)
@pytest.mark.parametrize("field", TIMES)
def test_a_word_that_is_no_time_for_the_operation_names_the_time(world, kind, fields, words, field) -> None:
    for word in words:
        assert named(world, kind, {**fields, "smb": SmbRequest(**{field: word})}) == field


@pytest.mark.parametrize(
    ("kind", "fields", "word"),
    [
        *((kind, fields, Word.PRESERVE) for kind, fields in CREATE),
        *((kind, fields, Word.NOW) for kind, fields in SET),
        (c.CopyFile, COPY, Word.PRESERVE),
    ],
)
def test_a_word_that_is_no_set_of_attributes_names_the_attributes(world, kind, fields, word) -> None:
    assert named(world, kind, {**fields, "smb": SmbRequest(attributes=word)}) == "attributes"


def test_a_word_that_is_no_permission_for_the_operation_names_the_permission(world) -> None:
    for kind, fields in CREATE:
        assert named(world, kind, {**fields, "smb": SmbRequest(permission=Word.PRESERVE)}) == "permission"
    for kind, fields in SET:
        assert named(world, kind, {**fields, "smb": SmbRequest(permission=Word.SOURCE)}) == "permission"


def test_of_a_permission_and_a_key_the_key_is_named(world) -> None:
    key = world.file("f").smb.permission_key
    both = SmbRequest(permission=SDDL, permission_key=key)
    assert named(world, c.CreateFile, {"path": "new", "size": 1, "smb": both}) == "permission_key"
    assert named(world, c.SetFileProperties, {"path": "f", "smb": both}) == "permission_key"


def test_a_permission_beside_the_sources_is_named(world) -> None:
    key = world.file("f").smb.permission_key
    from_source = {**COPY, "permission_from_source": True}
    for field, value in (("permission", SDDL), ("permission_key", key)):
        assert named(world, c.CopyFile, {**from_source, "smb": SmbRequest(**{field: value})}) == field


@pytest.mark.parametrize("field", ["mode", "owner", "group"])
def test_a_property_of_nfs_is_named_on_an_smb_share(world, field) -> None:
    nfs = NfsRequest(**{field: 0o600 if field == "mode" else "1"})
    for kind, fields in (*CREATE, *SET):
        assert named(world, kind, {**fields, "nfs": nfs}, Code.UNSUPPORTED_HEADER) == field


@pytest.mark.parametrize(
    ("field", "value"), [("attributes", Attributes.HIDDEN), ("permission", SDDL), ("permission_key", "1*2")]
)
def test_a_property_of_smb_is_named_on_an_nfs_share(world, field, value) -> None:
    share = world.share()
    world.store.apply([PutShare(replace(share, settings=ShareSettings(protocol="NFS")))])
    for kind, fields in CREATE:
        smb = SmbRequest(**{field: value})
        assert named(world, kind, {**fields, "smb": smb}, Code.UNSUPPORTED_HEADER) == field


def test_an_impossible_rename_names_its_source(world) -> None:
    world.make_directory("d/below")
    for fields in (
        {"path": "g", "source": "f", "source_share": "other"},
        {"path": "g", "source": "", "source_share": "data"},
        {"path": "", "source": "f", "source_share": "data"},
        {"path": "d/below/d", "source": "d", "source_share": "data", "directory": True},
    ):
        assert named(world, c.Rename, {"directory": False, **fields}) == "source"
    assert sorted(world.names()) == ["d", "f", "from"]


def test_renewing_a_file_lease_names_the_action(world) -> None:
    assert named(world, c.LeaseFile, {"path": "f", "action": LeaseAction.RENEW, "lease_id": A}) == "action"


def test_a_snapshot_is_named_that_is_to_be_deleted_with_its_snapshots(world) -> None:
    at = world.snapshot().snapshot
    fields = {"snapshot": at, "delete_snapshots": "include"}
    assert named(world, c.DeleteShare, fields, Code.INVALID_QUERY_PARAMETER_VALUE) == "snapshot"


def test_data_beyond_the_size_of_a_new_file_is_told_with_that_size(world) -> None:
    refusal = world.refused(
        Code.INVALID_RANGE, c.CreateFile, share="data", path="new", size=2, data=(b"abc",), data_md5=bytes(16)
    )
    assert refusal.size == 2


SETTINGS = [
    # the kind of account, what is asked for, and what the refusal names
    ("standard", {"protocol": "NFS"}, "protocol"),
    ("standard", {"root_squash": "RootSquash"}, "root_squash"),
    ("standard", {"snapshot_directory": True}, "snapshot_directory"),
    ("premium", {"protocol": "NFS", "smb_directory_lease": True}, "smb_directory_lease"),
    *(("standard", {name: 1000}, name) for name in ("bursting", "bursting_iops", "bursting_bandwidth_mibps")),
    *(("provisioned", {name: 1000}, name) for name in ("bursting", "bursting_iops", "bursting_bandwidth_mibps")),
    *((kind, {name: 1000}, name) for kind in ("standard", "premium") for name in ("iops", "bandwidth_mibps")),
    *(("premium", {name: 1000}, name) for name in ("bursting_iops", "bursting_bandwidth_mibps")),
    ("provisioned", {"iops": 499}, "iops"),
    ("provisioned", {"iops": 102_401}, "iops"),
    ("provisioned", {"bandwidth_mibps": 59}, "bandwidth_mibps"),
    ("provisioned", {"bandwidth_mibps": 10_341}, "bandwidth_mibps"),
]


@pytest.mark.parametrize(("kind", "asked", "field"), SETTINGS)
def test_a_setting_that_a_share_cannot_have_is_named(kind: str, asked: dict[str, Any], field: str) -> None:
    world = World(kind=kind)
    assert named(world, c.CreateShare, {"settings": ShareRequest(**asked)}) == field


@pytest.mark.parametrize(("kind", "tier"), [("standard", "Premium"), ("premium", "Hot"), ("premium", "Cool")])
def test_a_tier_that_an_account_does_not_have_is_named(kind: str, tier: str) -> None:
    assert named(World(kind=kind), c.CreateShare, {"access_tier": tier}) == "access_tier"


@pytest.mark.parametrize(("kind", "lowest", "highest"), [("standard", 1, 102_400), ("premium", 100, 102_400)])
def test_a_size_that_an_account_does_not_have_is_named(kind: str, lowest: int, highest: int) -> None:
    for quota in (lowest - 1, highest + 1):
        assert named(World(kind=kind), c.CreateShare, {"quota_gib": quota}) == "quota_gib"
    for quota in (lowest, highest):
        assert World(kind=kind).make_share(quota_gib=quota).quota_gib == quota


def test_of_a_source_in_no_account_the_service_has_no_code_to_tell(world) -> None:
    source = c.CopySource(account="nobody", share="data", path=("from",))
    missing = c.CopySource(account="other", share="data", path=("from",))

    def details(source: c.CopySource, version: str) -> object:
        fields = {"share": "data", "path": "to", "source": source, "source_url": "u", "version": version}
        return world.refused(Code.CANNOT_VERIFY_COPY_SOURCE, c.CopyFile, **fields).details

    assert details(source, "2026-02-06") == ()
    assert details(missing, "2026-02-06") == (("CopySourceErrorCode", "ShareNotFound"),)
    assert details(missing, "2025-07-05") == ()
