"""Names that travel in other spellings: with dots at their end, or characters that XML cannot hold."""

from __future__ import annotations

import pytest

import azfiles

NAMES = ["dot.", "dots...", "a\uffff b", "100%", "ü €"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_listed_as_it_was_given(share: azfiles.ShareClient, name: str) -> None:
    share.directory(name).create()
    share.directory(name).file(name).upload(b"data")
    assert [entry.name for entry in share.root.list()] == [name]
    assert [entry.name for entry in share.directory(name).list()] == [name]
    assert bytes(share.directory(name).file(name).download()) == b"data"


def test_a_name_with_a_dot_at_its_end_is_another_name(share: azfiles.ShareClient) -> None:
    share.file("f.").create(1)
    with pytest.raises(azfiles.NotFound):
        share.file("f").get_properties()
    share.file("f.").rename("g.")
    share.file("f").create(2)
    share.file("g").start_copy(share.file("g."))
    assert [(entry.name, entry.size) for entry in share.root.list() if isinstance(entry, azfiles.FileEntry)] == [
        ("f", 2),
        ("g", 1),
        ("g.", 1),
    ]
