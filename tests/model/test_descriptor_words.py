"""The words of SDDL and the numbers that they stand for, as the format's specification (MS-DTYP 2.5.1.1) lists them."""

from __future__ import annotations

import struct

import pytest

from azfiles_sim.model.descriptors import Malformed, NotConvertible, to_binary, to_text

SIDS = {
    "WD": (1, 0), "CO": (3, 0), "CG": (3, 1), "OW": (3, 4),
    "NU": (5, 2), "IU": (5, 4), "SU": (5, 6), "AN": (5, 7), "ED": (5, 9), "PS": (5, 10), "AU": (5, 11), "RC": (5, 12),
    "SY": (5, 18), "LS": (5, 19), "NS": (5, 20),
    "BA": (5, 32, 544), "BU": (5, 32, 545), "BG": (5, 32, 546), "PU": (5, 32, 547), "AO": (5, 32, 548),
    "SO": (5, 32, 549), "PO": (5, 32, 550), "BO": (5, 32, 551), "RE": (5, 32, 552), "RU": (5, 32, 554),
    "RD": (5, 32, 555), "NO": (5, 32, 556),
    "AC": (15, 2, 1), "LW": (16, 4096), "ME": (16, 8192), "HI": (16, 12288), "SI": (16, 16384),
}  # fmt: skip
RIGHTS = {
    "GA": 1 << 28, "GX": 1 << 29, "GW": 1 << 30, "GR": 1 << 31,
    "RC": 1 << 17, "SD": 1 << 16, "WD": 1 << 18, "WO": 1 << 19,
    "CC": 1, "DC": 2, "LC": 4, "SW": 8, "RP": 16, "WP": 32, "DT": 64, "LO": 128, "CR": 256,
    "FA": 0x1F01FF, "FR": 0x120089, "FW": 0x120116, "FX": 0x1200A0,
    "KA": 0xF003F, "KR": 0x20019, "KW": 0x20006, "KX": 0x20019,
    "NW": 1, "NR": 2, "NX": 4,
}  # fmt: skip
FLAGS = {"OI": 0x01, "CI": 0x02, "NP": 0x04, "IO": 0x08, "ID": 0x10, "CR": 0x20, "SA": 0x40, "FA": 0x80}
KINDS = {"A": 0, "D": 1, "AU": 2, "AL": 3, "ML": 0x11, "SP": 0x13, "TL": 0x14}
OBJECT_KINDS = {"OA": 5, "OD": 6, "OU": 7, "OL": 8}
CONTROL = {"P": 0x1000, "AR": 0x0100, "AI": 0x0400}
SELF_RELATIVE, DACL_PRESENT, SACL_PRESENT = 0x8000, 0x0004, 0x0010


def sid(authority: int, *rest: int) -> bytes:
    return struct.pack("<BB", 1, len(rest)) + authority.to_bytes(6, "big") + struct.pack(f"<{len(rest)}I", *rest)


WORLD = sid(1, 0)


def access_list(kind: int = 0, flags: int = 0, mask: int = 1) -> bytes:
    """A list with one entry, for everybody."""
    entry = struct.pack("<BBHI", kind, flags, 8 + len(WORLD), mask) + WORLD
    return struct.pack("<BBHHH", 2, 0, 8 + len(entry), 1, 0) + entry


def descriptor(owner: bytes, dacl: bytes, *, control: int = 0, sacl: bytes = b"") -> bytes:
    """Owner, the world as the group, then the audit list if there is one, then the access list."""
    places = 20, 20 + len(owner), 20 + len(owner) + len(WORLD)
    header = (
        1,
        0,
        SELF_RELATIVE | DACL_PRESENT | control,
        *places[:2],
        places[2] if sacl else 0,
        places[2] + len(sacl),
    )
    return struct.pack("<BBHIIII", *header) + owner + WORLD + sacl + dacl


@pytest.mark.parametrize(("word", "parts"), SIDS.items(), ids=SIDS)
def test_a_word_for_an_identity_is_its_sid(word: str, parts: tuple[int, ...]) -> None:
    named = f"O:{word}G:WDD:(A;;0x1;;;WD)"
    spelled = f"O:S-1-{'-'.join(map(str, parts))}G:WDD:(A;;0x1;;;WD)"
    expected = descriptor(sid(*parts), access_list())
    assert to_binary(named) == to_binary(spelled) == expected
    assert to_text(expected) == named + "S:NO_ACCESS_CONTROL", "the service writes the word"


@pytest.mark.parametrize(("word", "mask"), RIGHTS.items(), ids=RIGHTS)
def test_a_word_for_rights_is_its_bits(word: str, mask: int) -> None:
    assert to_binary(f"O:WDG:WDD:(A;;{word};;;WD)") == descriptor(WORLD, access_list(mask=mask))


@pytest.mark.parametrize("word", ["GA", "GX", "GW", "GR", "FA", "FR", "FW", "FX"])
def test_rights_that_are_a_whole_are_written_as_a_word_and_others_as_a_number(word: str) -> None:
    assert f"(A;;{word};;;WD)" in to_text(descriptor(WORLD, access_list(mask=RIGHTS[word])))
    assert f"(A;;{RIGHTS[word] | 1 << 24:#x};;;WD)" in to_text(
        descriptor(WORLD, access_list(mask=RIGHTS[word] | 1 << 24))
    )


@pytest.mark.parametrize(("word", "bit"), FLAGS.items(), ids=FLAGS)
def test_a_word_for_how_an_entry_is_inherited_or_audited_is_its_bit(word: str, bit: int) -> None:
    text, data = f"O:WDG:WDD:(A;{word};0x1;;;WD)", descriptor(WORLD, access_list(flags=bit))
    assert to_binary(text) == data
    assert to_text(data) == text + "S:NO_ACCESS_CONTROL"


@pytest.mark.parametrize(("word", "number"), KINDS.items(), ids=KINDS)
def test_a_word_for_a_kind_of_entry_is_its_number(word: str, number: int) -> None:
    text, data = f"O:WDG:WDD:({word};;0x1;;;WD)", descriptor(WORLD, access_list(kind=number))
    assert to_binary(text) == data
    assert to_text(data) == text + "S:NO_ACCESS_CONTROL"


@pytest.mark.parametrize(("word", "bit"), CONTROL.items(), ids=CONTROL)
def test_a_word_for_a_whole_list_is_a_bit_of_the_descriptor_twice_as_high_for_the_audit_list(
    word: str, bit: int
) -> None:
    access = descriptor(WORLD, access_list(), control=bit)
    assert to_binary(f"O:WDG:WDD:{word}(A;;0x1;;;WD)") == access
    assert to_text(access) == f"O:WDG:WDD:{word}(A;;0x1;;;WD)S:NO_ACCESS_CONTROL"
    audit = descriptor(WORLD, access_list(), control=SACL_PRESENT | bit << 1, sacl=access_list(kind=2))
    assert to_binary(f"O:WDG:WDD:(A;;0x1;;;WD)S:{word}(AU;;0x1;;;WD)") == audit
    assert to_text(audit) == f"O:WDG:WDD:(A;;0x1;;;WD)S:{word}(AU;;0x1;;;WD)"


@pytest.mark.parametrize(("word", "number"), OBJECT_KINDS.items(), ids=OBJECT_KINDS)
def test_a_word_for_a_kind_of_entry_of_an_object_is_its_number(word: str, number: int) -> None:
    entry = struct.pack("<BBHII", number, 0, 12 + len(WORLD), 1, 0) + WORLD
    data = descriptor(WORLD, struct.pack("<BBHHH", 2, 0, 8 + len(entry), 1, 0) + entry)
    text = f"O:WDG:WDD:({word};;0x1;;;WD)"
    assert to_binary(text) == data
    assert to_text(data) == text + "S:NO_ACCESS_CONTROL"


@pytest.mark.parametrize("number", [4, 9, 0x10, 0x12, 0xFF])
def test_another_kind_of_entry_is_kept_byte_for_byte(number: int) -> None:
    text, data = f"D:(x{number:02x};OI;01000000{WORLD.hex()})", descriptor(WORLD, access_list(kind=number, flags=1))
    assert to_text(data) == f"O:WDG:WD{text}S:NO_ACCESS_CONTROL"
    assert to_binary(f"O:WDG:WD{text}") == data


@pytest.mark.parametrize(
    ("text", "mask"), [("0xffffffff", 2**32 - 1), ("4294967295", 2**32 - 1), ("0", 0), ("0x00000001", 1)]
)
def test_rights_may_be_a_number_of_32_bits(text: str, mask: int) -> None:
    assert to_binary(f"O:WDG:WDD:(A;;{text};;;WD)") == descriptor(WORLD, access_list(mask=mask))


@pytest.mark.parametrize("text", ["0x100000000", "4294967296"])
def test_a_number_of_more_bits_is_no_set_of_rights(text: str) -> None:
    with pytest.raises(NotConvertible):
        to_binary(f"O:WDG:WDD:(A;;{text};;;WD)")


def test_a_sid_has_one_to_fifteen_numbers_after_its_authority() -> None:
    for count in (1, 15):
        owner = sid(5, *range(100, 100 + count))
        text = f"O:S-1-5-{'-'.join(map(str, range(100, 100 + count)))}G:WDD:(A;;0x1;;;WD)"
        assert to_binary(text) == descriptor(owner, access_list())
        assert to_text(descriptor(owner, access_list())) == text + "S:NO_ACCESS_CONTROL"
    with pytest.raises(NotConvertible):
        to_binary(f"O:S-1-5-{'-'.join(map(str, range(100, 116)))}G:WDD:(A;;0x1;;;WD)")


@pytest.mark.parametrize(("text", "authority"), [("0x100000000", 2**32), ("5", 5)])
def test_an_authority_of_many_bits_is_written_as_a_hexadecimal_number(text: str, authority: int) -> None:
    assert to_binary(f"O:S-1-{text}-1G:WDD:(A;;0x1;;;WD)") == descriptor(sid(authority, 1), access_list())


def test_a_sid_without_numbers_or_with_too_many_is_none() -> None:
    with pytest.raises(NotConvertible):
        to_binary("O:S-1-5G:WDD:(A;;0x1;;;WD)")
    for other in ("S-2-5-18", "X-1-5-18", f"S-1-{2**48:#x}-1", "S-1-5-x", f"S-1-5-{2**32}"):
        with pytest.raises(NotConvertible):
            to_binary(f"O:{other}G:WDD:(A;;0x1;;;WD)")
    with pytest.raises(Malformed):
        to_text(descriptor(sid(5, *range(100, 116)), access_list()))


@pytest.mark.parametrize("fields", ["{0};", ";{0}"])
def test_an_entry_for_one_kind_of_object_has_no_binary_form_here(fields: str) -> None:
    guids = fields.format("ab721a53-1e2f-11d0-9819-00aa0040529b")
    with pytest.raises(NotConvertible):
        to_binary(f"O:WDG:WDD:(A;;0x1;{guids};WD)")
