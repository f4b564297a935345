"""Security descriptors in binary form: known bytes, round trips, and what is refused."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from azfiles_sim.model.descriptors import Malformed, NotConvertible, to_binary, to_text
from azfiles_sim.model.permissions import DEFAULT_PERMISSIONS
from azfiles_sim.model.sddl import normalise
from tests.model.world import SDDL

WORLD = bytes.fromhex("010100000000000100000000")  # S-1-1-0
SYSTEM = bytes.fromhex("010100000000000512000000")  # S-1-5-18
ADMINISTRATORS = bytes.fromhex("01020000000000052000000020020000")  # S-1-5-32-544
KNOWN = (
    # revision, control (self-relative, both lists, the access list protected), owner, group, audit list, access list
    bytes.fromhex("01001490") + struct.pack("<IIII", 20, 36, 0, 48)
    + ADMINISTRATORS + SYSTEM
    + bytes.fromhex("0200300002000000")  # revision 2, 48 bytes, two entries
    + bytes.fromhex("00031400ff011f00") + SYSTEM  # allow, inherited by files and directories, everything
    + bytes.fromhex("01001400a9001200") + WORLD  # deny
)  # fmt: skip
KNOWN_TEXT = "O:BAG:SYD:P(A;OICI;FA;;;SY)(D;;0x1200a9;;;WD)S:NO_ACCESS_CONTROL"


def test_the_known_bytes_are_the_known_text() -> None:
    assert to_text(KNOWN) == KNOWN_TEXT
    assert to_binary(KNOWN_TEXT) == KNOWN


@pytest.mark.parametrize("text", [*DEFAULT_PERMISSIONS.values(), normalise(SDDL) or ""])
def test_permissions_of_files_come_back_from_their_binary_form(text: str) -> None:
    assert to_text(to_binary(text)) == text


sids = st.one_of(
    st.sampled_from(["WD", "SY", "BA", "BU", "AU", "CO"]),
    st.lists(st.integers(1000, 2**32 - 1), min_size=1, max_size=14).map(
        lambda rest: "S-1-5-" + "-".join(map(str, rest))
    ),
)
flags = st.sets(st.sampled_from(["OI", "CI", "NP", "IO", "ID"])).map(
    lambda chosen: "".join(flag for flag in ("OI", "CI", "NP", "IO", "ID") if flag in chosen)
)
rights = st.one_of(st.sampled_from(["FA", "FR", "GA"]), st.integers(1, 0x1000).map(hex))
guids = st.just("") | st.uuids().map(str)
plain = st.builds("({};{};{};;;{})".format, st.sampled_from(["A", "D", "ML", "TL"]), flags, rights, sids)
of_objects = st.builds(
    "({};{};{};{};{};{})".format, st.sampled_from(["OA", "OD", "OU", "OL"]), flags, rights, guids, guids, sids
)
custom = st.builds(
    "(x{};{};{})".format,
    st.sampled_from(["04", "09", "0b", "12", "80", "ff"]),
    flags,
    st.binary(max_size=40).map(bytes.hex),
)
entries = st.one_of(plain, of_objects, custom)
lists = st.lists(entries, max_size=5).map("".join)


@given(sids, sids, st.sampled_from(["", "P", "AI", "PAI"]), lists)
@example("WD", "WD", "NO_ACCESS_CONTROL", "")
def test_every_descriptor_comes_back(owner: str, group: str, control: str, entries: str) -> None:
    text = f"O:{owner}G:{group}D:{control}{entries}S:NO_ACCESS_CONTROL"
    assert to_text(to_binary(text)) == text


def test_an_audit_list_comes_back() -> None:
    text = "O:BAG:SYD:(A;;FA;;;SY)S:AI(AU;SAFA;FA;;;WD)"
    assert to_text(to_binary(text)) == text


def test_words_for_the_same_rights_become_one_spelling() -> None:
    assert to_text(to_binary("O:BAG:SYD:(A;;RCSD;;;SY)(A;;1;;;S-1-5-18)")) == (
        "O:BAG:SYD:(A;;0x30000;;;SY)(A;;0x1;;;SY)S:NO_ACCESS_CONTROL"
    )


@pytest.mark.parametrize(
    "text",
    [
        "O:DAG:SYD:(A;;FA;;;SY)",  # relative to a domain
        "O:BAG:SYD:(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529;;SY)",
        "O:BAG:SYD:(OA;;CR;ab721a53-1e2f;;SY)",
        "O:BAG:SYD:(A;;FA;ab721a53-1e2f-11d0-9819-00aa0040529b;;SY)",
        'O:BAG:SYD:S:(RA;;;;;WD;("Secrecy",TU,0,3))',
        "O:BAG:SYD:(A;;FA;;;SY;(x))",
        "O:BAG:SYD:(A;TP;FA;;;SY)",
        "O:BAG:SYD:(A;;ZZ;;;SY)",
        "O:BAG:SYD:(A;;0x1ffffffff;;;SY)",
        "O:BAG:SYD:NO_ACCESS_CONTROL(A;;FA;;;SY)",
        "O:S-1-5-99999999999G:SYD:(A;;FA;;;SY)",
        "O:S-1-xG:SYD:(A;;FA;;;SY)",
        "nothing",
    ],
)
def test_what_has_no_place_in_the_binary_form_is_refused(text: str) -> None:
    with pytest.raises(NotConvertible):
        to_binary(text)


OBJECT = (
    bytes.fromhex("010004800000000000000000") + bytes(4) + struct.pack("<I", 44)
    + SYSTEM + WORLD
    + bytes.fromhex("0400500001000000")  # revision 4, 80 bytes, one entry
    + bytes.fromhex("05024800") + struct.pack("<II", 0x100, 3)  # a right of an object, inherited by directories; both GUIDs
    + bytes.fromhex("531a72ab2f1ed011981900aa0040529b") + bytes.fromhex("ba7a96bfe60dd011a28500aa003049e2")
    + ADMINISTRATORS + bytes(16)
)  # fmt: skip


def test_the_known_bytes_of_an_entry_of_an_object_are_the_known_text() -> None:
    """Reset Password on users, as the directory's documents have it."""
    data = OBJECT[:4] + struct.pack("<II", 20, 32) + OBJECT[12:]
    assert to_text(data) == (
        "O:SYG:WDD:(OA;CI;0x100;ab721a53-1e2f-11d0-9819-00aa0040529b;bf967aba-0de6-11d0-a285-00aa003049e2;BA)"
        "S:NO_ACCESS_CONTROL"
    )
    cut = data[: data.index(bytes.fromhex("ba7a96bf")) + 8]
    with pytest.raises(Malformed):
        to_text(cut)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        KNOWN[:60],
        KNOWN[:-1],
        b"\x02" + KNOWN[1:],
        KNOWN[:2] + b"\x14\x10" + KNOWN[4:],  # not self-relative
        KNOWN[:2] + b"\x10\x90" + KNOWN[4:],  # no access list
        KNOWN[:4] + bytes(4) + KNOWN[8:],  # no owner
        KNOWN[:4] + b"\xff\xff\xff\x7f" + KNOWN[8:],
        KNOWN.replace(bytes.fromhex("02003000"), bytes.fromhex("0200ff00")),
        KNOWN.replace(bytes.fromhex("00031400"), bytes.fromhex("00030400")),
        KNOWN[:20] + b"\x09" + KNOWN[21:],
        KNOWN[:21] + b"\x00" + KNOWN[22:],
    ],
)
def test_what_is_no_descriptor_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        to_text(data)


@given(st.binary(max_size=200), st.integers(0, len(KNOWN) - 1), st.binary(min_size=1, max_size=3))
def test_no_bytes_do_anything_but_convert_or_be_refused(data: bytes, at: int, change: bytes) -> None:
    for candidate in (data, KNOWN[:at] + change + KNOWN[at + len(change) :]):
        try:
            text = to_text(candidate)
        except (Malformed, NotConvertible):
            continue
        assert normalise(text) == text
