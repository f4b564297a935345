"""The ids of files and directories: those of a fresh share are recorded, and none comes twice."""

from __future__ import annotations

from azfiles_sim.model.file_ids import file_id


def test_the_first_ids_of_a_share_are_the_recorded_ones() -> None:
    assert [f"{file_id(number):016X}" for number in range(1, 8)] == [
        "C000400000000000",
        "A000400000000000",
        "E000400000000000",
        "9000400000000000",
        "D000400000000000",
        "B000400000000000",
        "F000400000000000",
    ]


def test_no_id_comes_twice_also_past_the_numbers_that_were_recorded() -> None:
    numbers = [*range(1, 70_000), *range((1 << 20) - 3, (1 << 20) + 3), *range((1 << 32) - 3, (1 << 32) + 3)]
    ids = {file_id(number) for number in numbers}
    assert len(ids) == len(numbers)
    assert all(0 < each < 1 << 64 for each in ids)


def test_an_id_is_the_counter_read_backwards_around_the_bit_that_all_have() -> None:
    for number in (*range(1, 600), 0x1234, 0xFFFF, 0x10000, 0x12345678, (1 << 46) - 1):
        bits = f"{number >> 16:046b}1{number & 0xFFFF:016b}1"
        assert file_id(number) == int(bits[::-1], 2)
