"""Handles that SMB clients hold, listed and closed."""

from __future__ import annotations

import azfiles
from azfiles_sim.testing.conformance.fixtures import needs
from azfiles_sim.testing.targets import Capability, Target

pytestmark = needs(Capability.PLANT_HANDLES)


def held(target: Target, share: azfiles.ShareClient, *paths: str) -> list[str]:
    """Have an SMB client open these paths; the ids of its handles."""
    return [target.open_handle(share.name, path) for path in paths]


def test_handles_are_listed_page_by_page_at_every_level(target: Target, share: azfiles.ShareClient) -> None:
    share.directory("d").create()
    for path in ("d/f", "g"):
        share.file(path).create(0)
    root, directory, inner, outer = held(target, share, "", "d", "d/f", "g")
    assert {handle.id for handle in share.root.list_handles(recursive=True, page_size=1)} == {
        root,
        directory,
        inner,
        outer,
    }
    assert [handle.id for handle in share.root.list_handles()] == [root]
    assert [handle.path for handle in share.file("d/f").list_handles()] == ["d/f"]
    page = share.directory("d").list_handles_page(recursive=True, page_size=1)
    assert len(page.handles) == 1
    assert page.next_marker


def test_one_handle_is_closed_by_its_id_and_all_by_one_call(target: Target, share: azfiles.ShareClient) -> None:
    share.directory("d").create()
    share.file("d/f").create(0)
    first, _, _ = held(target, share, "d/f", "d/f", "d")
    file = share.file("d/f")
    assert file.close_handle(first) == azfiles.HandlesClosed(1)
    assert first not in {handle.id for handle in file.list_handles()}
    assert share.directory("d").close_all_handles() == azfiles.HandlesClosed(1)
    assert file.close_all_handles() == azfiles.HandlesClosed(1)
    assert list(share.root.list_handles(recursive=True)) == []


def test_closing_all_below_a_directory_takes_what_is_in_it_along(target: Target, share: azfiles.ShareClient) -> None:
    share.directory("d").create()
    share.file("d/f").create(0)
    share.file("g").create(0)
    _, _, outside = held(target, share, "d/f", "d", "g")
    assert share.directory("d").close_all_handles(recursive=True) == azfiles.HandlesClosed(2)
    assert [handle.id for handle in share.root.list_handles(recursive=True)] == [outside]


def test_a_handle_is_closed_through_any_directory_above_it(target: Target, share: azfiles.ShareClient) -> None:
    share.file("f").create(0)
    handle_id = target.open_handle(share.name, "f")
    assert share.root.close_handle(handle_id) == azfiles.HandlesClosed(1)
