"""What the strategies call valid is taken and comes back as it was; what they call refused is refused."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.testing import strategies
from tests.proof import PROVING
from tests.wire.asking import CREATE, Asker

few = settings(
    max_examples=500 if PROVING else 15,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def share() -> azfiles.ShareClient:
    share = azfiles.connect(Simulator().handle).share("data")
    share.create()
    return share


@few
@given(strategies.share_names())
def test_a_valid_share_name_is_taken_and_listed(name: str) -> None:
    client = azfiles.connect(Simulator().handle)
    client.share(name).create()
    assert [item.name for item in client.list_shares()] == [name]


@few
@given(strategies.refused_share_names())
def test_a_refused_share_name_is_refused_by_client_and_service(name: str) -> None:
    with pytest.raises(azfiles.InvalidArgument):
        azfiles.connect(Simulator().handle).share(name).create()
    if name:
        assert Asker().ask("PUT", f"/{quoted(name)}?restype=share").status == 400


@few
@given(strategies.file_names(), strategies.directory_names())
def test_a_valid_name_is_taken_and_listed_as_it_was_given(name: str, directory: str) -> None:
    share = azfiles.connect(Simulator().handle).share("data")
    share.create()
    share.directory(directory).create()
    share.directory(directory).file(name).create(1)
    assert [entry.name for entry in share.root.list()] == [directory]
    assert [entry.name for entry in share.directory(directory).list()] == [name]


@few
@given(strategies.refused_names())
def test_a_refused_name_is_refused_by_client_and_service(share: azfiles.ShareClient, name: str) -> None:
    with pytest.raises(azfiles.InvalidArgument):
        share.file(name).create(1)
    if name not in {".", ".."} and "\\" not in name and not any("\ud800" <= sign <= "\udfff" for sign in name):
        asker = Asker()  # what the client refuses on its own is sent past it; a backslash would be taken as a slash
        assert asker.ask("PUT", "/data?restype=share").status == 201
        assert asker.ask("PUT", f"/data/{quoted(name)}", *CREATE).status == 400


@few
@given(strategies.device_names())
def test_a_devices_name_is_refused_by_the_service(share: azfiles.ShareClient, name: str) -> None:
    with pytest.raises(azfiles.ServiceError) as refusal:
        share.file(name).create(1)
    assert refusal.value.status == 400


@few
@given(st.data())
def test_a_range_of_a_file_can_be_written_read_and_cleared(share: azfiles.ShareClient, data: st.DataObject) -> None:
    size = data.draw(strategies.sizes(max_size=2000).filter(bool))
    span = data.draw(strategies.ranges(size))
    assert 0 <= span.offset < span.end <= size
    file = share.file("f")
    file.create(size)
    file.put_range(span.offset, b"x" * span.length)
    assert bytes(file.get_range(span.offset, span.length).content) == b"x" * span.length
    file.clear_range(span.offset, span.length)
    assert bytes(file.get().content) == bytes(size)


@pytest.mark.parametrize("edge", [edge for edge in strategies.EDGES if edge])
def test_every_edge_is_drawn_as_a_size(edge: int) -> None:
    assert find(strategies.sizes(), lambda size: size == edge) == edge


@few
@given(strategies.metadata())
def test_metadata_comes_back_as_it_was_given(share: azfiles.ShareClient, metadata: dict[str, str]) -> None:
    file = share.file("f")
    file.create(0, metadata=metadata)
    assert dict(file.get_properties().metadata) == metadata


@few
@given(strategies.refused_metadata_names())
def test_a_refused_metadata_name_never_leaves_the_client(share: azfiles.ShareClient, name: str) -> None:
    with pytest.raises(azfiles.InvalidArgument):
        share.file("f").create(0, metadata={name: "1"})


@few
@given(strategies.lease_ids(), strategies.lease_durations())
def test_a_lease_can_be_acquired_under_a_drawn_id(lease_id: str, duration_s: int) -> None:
    share = azfiles.connect(Simulator().handle).share("data")
    share.create()
    assert share.acquire_lease(duration_s=duration_s, proposed_id=lease_id).id == lease_id


@few
@given(strategies.smb_attributes(), strategies.times(), strategies.times())
def test_attributes_and_times_come_back_as_they_were_set(attributes: str, made: datetime, written: datetime) -> None:
    share = azfiles.connect(Simulator().handle).share("data")
    share.create()
    file = share.file("f")
    file.create(0)
    file.set_smb_properties(azfiles.SmbSettings(attributes=attributes, creation_time=made, last_write_time=written))
    found = file.get_properties().smb
    assert set((found.attributes or "").split(" | ")) == set(attributes.split("|"))
    assert (found.creation_time, found.last_write_time) == (made, written)


@few
@given(strategies.paths())
def test_a_drawn_path_leads_to_a_file(path: str) -> None:
    share = azfiles.connect(Simulator().handle).share("data")
    share.create()
    names = path.split("/")
    for depth in range(1, len(names)):
        share.directory("/".join(names[:depth])).create()
    share.file(path).upload(b"here")
    assert bytes(share.file(path).download()) == b"here"


def quoted(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())
