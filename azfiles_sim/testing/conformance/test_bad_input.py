"""What cannot be done gets a clear, typed error, on the client's side where it can tell, else from the service."""

from __future__ import annotations

import pytest

import azfiles
from azfiles_sim.testing.targets import Target


def test_a_file_needs_its_parent_directory(share: azfiles.ShareClient) -> None:
    with pytest.raises(azfiles.NotFound) as refusal:
        share.file("missing/f").create(1)
    assert (refusal.value.status, refusal.value.code) == (404, "ParentNotFound")


def test_a_file_cannot_take_a_directorys_name(share: azfiles.ShareClient) -> None:
    share.directory("a").create()
    with pytest.raises(azfiles.Conflict) as refusal:
        share.file("a").create(1)
    assert (refusal.value.status, refusal.value.code) == (409, "ResourceTypeMismatch")


def test_a_range_past_the_end_is_refused_and_nothing_is_written(share: azfiles.ShareClient) -> None:
    file = share.file("f")
    file.upload(b"data")
    with pytest.raises(azfiles.InvalidRange) as write:
        file.put_range(2, b"long")
    assert (write.value.status, write.value.code) == (416, "InvalidRange")
    with pytest.raises(azfiles.InvalidRange) as read:
        file.get_range(4, 1)
    assert (read.value.status, read.value.code) == (416, "InvalidRange")
    assert bytes(file.download()) == b"data"


@pytest.mark.parametrize("name", ['a"b', "a:b", "a|b", "a<b", "a*b", "a?b", "tab\tname", "x" * 256, ".."])
def test_a_name_the_service_cannot_take_never_leaves_the_client(share: azfiles.ShareClient, name: str) -> None:
    with pytest.raises(azfiles.InvalidArgument):
        share.file(name).create(1)


@pytest.mark.parametrize("name", ["ab", "Upper", "-dash", "dash-", "two--dashes", "dot.dot", "x" * 64])
def test_a_share_name_the_service_cannot_take_never_leaves_the_client(client: azfiles.ServiceClient, name: str) -> None:
    with pytest.raises(azfiles.InvalidArgument):
        client.share(name).create()


def test_too_large_a_range_is_refused_before_it_is_sent(share: azfiles.ShareClient) -> None:
    with pytest.raises(azfiles.InvalidArgument, match="4194304 bytes"):
        share.file("f").put_range(0, bytes(4 * 2**20 + 1))


def test_a_missing_share_is_named(target: Target, client: azfiles.ServiceClient) -> None:
    with pytest.raises(azfiles.NotFound) as refusal:
        client.share(target.share_name("missing")).file("f").create(1)
    assert refusal.value.code == "ShareNotFound"
    assert refusal.value.request_id


def test_a_snapshot_cannot_be_written(share: azfiles.ShareClient) -> None:
    share.file("f").upload(b"x")
    then = share.snapshot(share.create_snapshot().snapshot)
    with pytest.raises(azfiles.AzureFilesError):
        then.file("f").put_range(0, b"y")
    assert bytes(then.file("f").download()) == b"x"
