"""Every operation of the service has a method, in both colours, whose documentation names it; the table in
``docs/client.md`` says the same.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import azfiles

TABLE = Path(__file__).parents[2] / "docs" / "client.md"
ROW = re.compile(r"\| ([VHDF]\d+) \| ([^|]+) \| `(\w+)\.([\w.]+)` \| ([^|]+) \|")
ID = "01234567-89ab-cdef-0123-456789abcdef"
# What the methods of later versions must be given.
ARGUMENTS = {
    "H11": ("version",),
    "H12": ("O:SY",),
    "H13": ("1*2",),
    "H15": (ID,),
    "H16": (ID, ID),
    "H17": (ID,),
    "D4": (azfiles.SmbSettings(attributes="None"),),
    "D10": ("new",),
    "F10": (0, 1, "https://h/s/f", 0),
    "F18": (ID, ID),
    "F19": (ID,),
    "F21": ("new",),
    "F22": ("f",),
    "F23": ("f",),
}
ROWS = [match.groups() for match in ROW.finditer(TABLE.read_text(encoding="utf-8"))]


def test_the_table_has_each_of_the_57_operations_once():
    numbers = [
        f"{letter}{n}" for letter, last in (("V", 5), ("H", 18), ("D", 10), ("F", 24)) for n in range(1, last + 1)
    ]
    assert [number for number, *_ in ROWS] == numbers
    assert len(ROWS) == 57


@pytest.mark.parametrize(("number", "name", "client", "method", "since"), ROWS, ids=[row[0] for row in ROWS])
def test_an_operation_has_a_documented_method_in_both_colours(number, name, client, method, since):
    for prefix in ("", "Async"):
        found = getattr(getattr(azfiles, f"{prefix}{client}"), method)
        assert f"({name.partition(',')[0].strip()}" in " ".join(found.__doc__.split()), number
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", since.strip())


def refuse(request):
    raise AssertionError(f"{request} was sent")


@pytest.mark.parametrize(
    ("number", "client", "method", "since"),
    [
        (number, client, method, since.strip())
        for number, _, client, method, since in ROWS
        if since.strip() > "2018-11-09" and number not in {"V4", "F12"}
    ],
)
def test_a_service_version_without_the_operation_is_named_with_the_one_that_has_it(number, client, method, since):
    share = azfiles.connect(refuse, api_version="2018-11-09").share("data")
    resource = {"ShareClient": share, "DirectoryClient": share.directory("d"), "FileClient": share.file("d/f")}[client]
    with pytest.raises(azfiles.RequestNotSent, match=f"needs service version {since} or later"):
        getattr(resource, method)(*ARGUMENTS.get(number, ()))


def test_pages_of_ranges_name_their_version():
    file = azfiles.connect(refuse).share("data").file("f")
    with pytest.raises(azfiles.RequestNotSent, match="pages of ranges needs service version 2026-10-06 or later"):
        next(file.iterate_ranges(page_size=1))
