"""Security descriptors and their keys."""

from __future__ import annotations

import pytest

from azfiles_sim.model import commands as c
from azfiles_sim.model.commands import SmbRequest, Word
from azfiles_sim.model.errors import Code
from azfiles_sim.model.permissions import DEFAULT_DIRECTORY_KEY, DEFAULT_FILE_KEY, DEFAULT_PERMISSIONS
from azfiles_sim.model.sddl import as_set_explicitly, inherited, normalise
from tests.model.world import SDDL

WITH_INHERITED = "O:SYG:SYD:AI(A;OICIID;FA;;;SY)(A;;FA;;;BA)"


def create(world, text, **fields):
    return world.do(c.CreatePermission, share="data", permission=text, **fields).permission_key


def text_of(world, key):
    return world.do(c.GetPermission, share="data", permission_key=key).permission


def test_the_same_descriptor_has_the_same_key_in_both_forms(world):
    key = create(world, SDDL)
    normalised = text_of(world, key)
    assert normalised == f"{SDDL}S:NO_ACCESS_CONTROL"
    assert create(world, normalised) == create(world, f" {SDDL}\n") == key
    first, _, second = key.partition("*")
    assert 0 <= int(first) < 1 << 64
    assert 0 <= int(second) < 1 << 64


def test_creating_a_permission_moves_no_etag(world):
    before = world.view.account("acct")
    create(world, SDDL)
    assert world.view.account("acct") == before


def test_different_descriptors_have_different_keys(world):
    assert create(world, SDDL) != create(world, WITH_INHERITED)


@pytest.mark.parametrize(
    "text",
    [
        SDDL,
        "O:BAG:SYD:",
        "O:BAG:SYD:P",
        "O:BAG:SYD:NO_ACCESS_CONTROL",
        "O:SYG:S-1-0x5-21D:ARAI(D;;GRGW;;;WD)S:AI(AU;SAFA;FA;;;WD)",
        "O:SYG:SYD:(OA;CIIO;RPWP;00299570-246d-11d0-a768-00aa006e0529;;PS)",
        "O:SYG:SYD:(A;;131209;;;WD)",
    ],
)
def test_descriptors_that_are_well_formed(text):
    normalised = normalise(text)
    assert normalised is not None
    assert normalise(normalised) == normalised


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abcde",
        "O:SYG:SY",
        "D:(A;;FA;;;SY)",
        "G:SYO:SYD:(A;;FA;;;SY)",
        "O:SYG:SYD:(A;;FA;;;SY",
        "O:SYG:SYD:(A;;FA;;;SYSTEM)",
        "O:SYG:SYD:(A;XX;FA;;;SY)",
        "O:SYG:SYD:(Z;;FA;;;SY)",
        "O:SYG:SYD:(A;;FA;;SY)",
        "O:S-1-G:SYD:(A;;FA;;;SY)",
        "O:SYG:SYD:(A;;FA;;;SY)X",
    ],
)
def test_descriptors_that_are_not(world, text):
    world.refused(Code.FILE_INVALID_PERMISSION, c.CreatePermission, share="data", permission=text)
    smb = SmbRequest(permission=text)
    world.refused(Code.FILE_INVALID_PERMISSION, c.CreateFile, share="data", path="f", size=0, smb=smb)


def test_an_unknown_key_is_told_wherever_it_is_used(world):
    world.refused(Code.FILE_INVALID_PERMISSION_KEY, c.GetPermission, share="data", permission_key="1*2")
    smb = SmbRequest(permission_key="1*2")
    world.refused(Code.FILE_INVALID_PERMISSION_KEY, c.CreateDirectory, share="data", path="d", smb=smb)


def test_keys_belong_to_a_share(world):
    key = create(world, SDDL)
    world.make_share("more")
    world.refused(Code.FILE_INVALID_PERMISSION_KEY, c.GetPermission, share="more", permission_key=key)


def test_new_files_and_directories_have_the_default_keys_and_these_can_be_read(world):
    assert world.make_file("f").smb.permission_key == DEFAULT_FILE_KEY
    assert (
        world.make_directory("d", smb=SmbRequest(permission=Word.INHERIT)).smb.permission_key == DEFAULT_DIRECTORY_KEY
    )
    assert world.make_file("d/f").smb.permission_key == DEFAULT_FILE_KEY
    for key, text in DEFAULT_PERMISSIONS.items():
        assert text_of(world, key) == text == normalise(text)
        assert create(world, text) == key


def test_an_inherited_key_set_on_a_file_reads_back_as_another_key_and_then_stays(world):
    world.make_file("f")
    changed = world.do(
        c.SetFileProperties, share="data", path="f", smb=SmbRequest(permission_key=DEFAULT_FILE_KEY)
    ).file
    key = changed.smb.permission_key
    assert key != DEFAULT_FILE_KEY
    assert "ID" not in text_of(world, key).replace("NO_ACCESS_CONTROL", "")
    again = world.do(c.SetFileProperties, share="data", path="f", smb=SmbRequest(permission_key=key)).file
    assert again.smb.permission_key == key


def test_an_explicit_descriptor_stays_as_it_is():
    normalised = normalise(SDDL)
    assert normalised is not None
    assert as_set_explicitly(normalised.replace("PAI", "P")) == normalised.replace("PAI", "P")
    assert as_set_explicitly("O:SYG:SYD:AI(A;OICIID;FA;;;SY)S:P") == "O:SYG:SYD:(A;OICI;FA;;;SY)S:P"


def test_children_inherit_a_permission_that_was_set_on_their_directory(world):
    made = world.make_directory("d", smb=SmbRequest(permission=SDDL))
    file = world.make_file("d/f")
    text = text_of(world, file.smb.permission_key)
    assert text == "O:S-1-5-21-1-2-3-500G:S-1-5-21-1-2-3-513D:AI(A;ID;FA;;;SY)S:NO_ACCESS_CONTROL"
    inner = world.make_directory("d/e")
    assert "(A;OICIID;FA;;;SY)" in text_of(world, inner.smb.permission_key)
    world.make_file("d/g", smb=SmbRequest(permission=WITH_INHERITED))
    again = world.do(c.SetFileProperties, share="data", path="d/g", smb=SmbRequest(permission=Word.INHERIT)).file
    assert again.smb.permission_key == file.smb.permission_key
    assert made.smb.permission_key not in {file.smb.permission_key, inner.smb.permission_key}


def test_children_of_a_directory_that_hands_nothing_down_get_the_default(world):
    world.make_directory("d", smb=SmbRequest(permission="O:SYG:SYD:P(A;;FA;;;SY)"))
    assert world.make_file("d/f").smb.permission_key == DEFAULT_FILE_KEY


@pytest.mark.parametrize(
    ("flags", "file", "directory"),
    [
        ("", None, None),
        ("OI", "ID", "OIIOID"),
        ("CI", None, "CIID"),
        ("OICI", "ID", "OICIID"),
        ("OICIIO", "ID", "OICIID"),
        ("OICINP", "ID", "ID"),
        ("OINP", "ID", None),
    ],
)
def test_inheritance_follows_the_flags_of_each_entry(flags, file, directory):
    text = f"O:SYG:SYD:(A;{flags};FA;;;SY)S:NO_ACCESS_CONTROL"

    def expected(own):
        return None if own is None else f"O:SYG:SYD:AI(A;{own};FA;;;SY)S:NO_ACCESS_CONTROL"

    assert inherited(text, directory=False) == expected(file)
    assert inherited(text, directory=True) == expected(directory)


def test_a_stored_text_that_is_no_descriptor_is_a_mistake_of_the_store():
    with pytest.raises(ValueError, match="not well formed"):
        as_set_explicitly("nonsense")


def test_a_permission_and_a_key_at_once_are_refused(world):
    smb = SmbRequest(permission=SDDL, permission_key=DEFAULT_FILE_KEY)
    world.refused(Code.INVALID_HEADER_VALUE, c.CreateFile, share="data", path="f", size=0, smb=smb)


def test_a_descriptor_of_more_than_8_kib_goes_through_create_permission_only(world):
    long = "O:SYG:SYD:" + "(A;;FA;;;S-1-5-21-1-2-3)" * 400
    smb = SmbRequest(permission=long)
    world.refused(Code.FILE_INVALID_PERMISSION, c.CreateFile, share="data", path="f", size=0, smb=smb)
    key = create(world, long)
    made = world.make_file("f", smb=SmbRequest(permission_key=key))
    assert made.smb.permission_key == key


def test_setting_nothing_keeps_the_key(world):
    world.make_file("f", smb=SmbRequest(permission=SDDL))
    before = world.file("f").smb.permission_key
    for smb in (SmbRequest(), SmbRequest(permission=Word.PRESERVE)):
        world.do(c.SetFileProperties, share="data", path="f", smb=smb)
        assert world.file("f").smb.permission_key == before


def test_what_is_audited_is_not_handed_down():
    parent = "O:SYG:SYD:(A;OICI;FA;;;SY)S:(AU;OICISA;FA;;;WD)"
    for directory in (False, True):
        child = inherited(parent, directory=directory)
        assert child is not None
        assert child.endswith("S:NO_ACCESS_CONTROL")
