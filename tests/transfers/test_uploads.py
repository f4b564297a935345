"""Uploads: what is kept of the old file, what is refused before anything is sent, how much is sent, and how it is checked."""

from __future__ import annotations

import base64
import hashlib
import logging
from datetime import UTC, datetime, timedelta

import pytest

import azfiles
from azfiles.flows.transfers import checking
from azfiles_sim.testing.targets import NEWEST_VERSION
from tests.transfers.dying import Fuse, dying_runner
from tests.transfers.worlds import LEASE, NEW, OLD, RANGE, OnlyIterable, make_world, sources

WORLD = make_world()


class Counted(azfiles.InProcessTransport):
    """Writes down what is sent."""

    def __init__(self, handler, spoil=lambda request: request):
        super().__init__(handler)
        self.requests, self.spoil = [], spoil

    def send(self, request, timeout_s):
        headers = dict(request.headers)
        what = headers.get("x-ms-range", "") or request.target.partition("comp=")[2].partition("&")[0]
        self.requests.append(f"{request.method} {what}".strip())
        return super().send(self.spoil(request), timeout_s)


def counted(world, spoil=lambda request: request, **options):
    """A share's client and the transport that counts for it."""
    transport = Counted(world.simulator.handle, spoil)
    client = azfiles.connect(
        "https://devstoreaccount1.file.core.windows.net",
        azfiles.EMULATOR_KEY,
        transport=transport,
        clock=world.clock,
        retry=None,
        **options,
    )
    return client.share("data"), transport


def md5_of(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


# --- the old file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("atomic", [True, False])
def test_headers_metadata_attributes_and_permission_of_the_old_file_are_kept(atomic):
    world = WORLD.fork()
    share = world.share()
    file = share.file("d/f")
    key = share.create_permission("O:SYG:SYD:P(A;;FA;;;SY)")
    file.set_smb_properties(azfiles.SmbSettings(permission_key=key))
    before = file.get_properties()
    uploaded = file.upload(NEW, atomic=atomic)
    after = file.get_properties()
    assert (after.http, after.metadata) == (before.http, before.metadata)
    assert (after.smb.attributes, after.smb.permission_key) == (before.smb.attributes, key)
    assert (after.smb.file_id == before.smb.file_id) is not atomic
    assert uploaded.etag == after.etag
    assert world.contents()["f"] == NEW


@pytest.mark.parametrize("atomic", [True, False])
def test_what_is_given_takes_the_place_of_what_the_old_file_had(atomic):
    world = WORLD.fork()
    file = world.share().file("d/f")
    written_at = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    file.upload(
        NEW,
        atomic=atomic,
        http=azfiles.HttpHeaders(content_type="text/new"),
        metadata={},
        smb=azfiles.SmbSettings(attributes="ReadOnly", last_write_time=written_at),
    )
    after = file.get_properties()
    assert (after.http.content_type, after.http.cache_control, dict(after.metadata)) == ("text/new", None, {})
    assert (after.smb.attributes, after.smb.last_write_time) == ("ReadOnly", written_at)


@pytest.mark.parametrize("atomic", [True, False])
def test_nothing_is_kept_where_that_is_not_wanted(atomic):
    world = WORLD.fork()
    share, transport = counted(world)
    file = share.file("d/f")
    file.upload(NEW, atomic=atomic, carry_over=False)
    assert "HEAD" not in transport.requests
    after = file.get_properties()
    assert (after.http.cache_control, dict(after.metadata), after.smb.attributes) == (None, {}, "Archive")


def test_the_stored_hash_of_the_old_content_is_not_kept():
    world = WORLD.fork()
    file = world.share().file("d/f")
    file.set_http_headers(azfiles.HttpHeaders(content_type="text/old", content_md5=md5_of(OLD)))
    file.upload(NEW)
    assert file.get_properties().http.content_md5 is None


def test_an_nfs_file_keeps_mode_owner_and_group(tmp_path):
    from azfiles_sim.testing.targets import Capability, SimulatorTarget, make_simulator

    with SimulatorTarget(name="nfs", simulator=make_simulator()) as target:
        account = target.account_of(Capability.PREMIUM_ACCOUNT)
        share = target.connect(account=account, api_version=NEWEST_VERSION).share("nfs")
        share.create(quota_gib=100, enabled_protocols="NFS", root_squash="NoRootSquash")
        file = share.file("f")
        file.upload(OLD)
        file.set_nfs_properties(azfiles.NfsSettings(mode=0o600, owner=7, group=8))
        file.upload(NEW)
        after = file.get_properties().nfs
        assert after is not None
        assert (after.mode, after.owner, after.group) == ("0600", "7", "8")
        assert bytes(file.download()) == NEW


@pytest.mark.parametrize("atomic", [True, False])
def test_a_leased_file_needs_its_lease_and_stays_leased(atomic):
    world = WORLD.fork()
    share, transport = counted(world)
    file = share.file("d/held")
    for lease_id, code in ((None, "LeaseIdMissing"), (LEASE.replace("a", "b"), "LeaseIdMismatchWithFileOperation")):
        with pytest.raises(azfiles.LeaseConflict) as caught:
            file.upload(NEW, atomic=atomic, lease_id=lease_id)
        assert (caught.value.status, caught.value.code) == (412, code)
    assert transport.requests == ["HEAD", "HEAD"]
    file.upload(NEW, atomic=atomic, lease_id=LEASE)
    assert (world.contents()["held"], world.leased()) == (NEW, {"held"})
    file.put_range(0, b"!", lease_id=LEASE)
    file.release_lease(LEASE)


def test_a_lease_for_a_file_that_is_not_there_is_refused():
    with pytest.raises(azfiles.NotFound):
        WORLD.fork().share().file("d/new").upload(NEW, lease_id=LEASE)


# --- refused before anything is sent ----------------------------------------------------------------------------------


def test_a_read_only_file_is_refused_before_anything_is_sent_but_the_look():
    world = WORLD.fork()
    share, transport = counted(world)
    share.file("d/f").set_smb_properties(azfiles.SmbSettings(attributes="ReadOnly"))
    transport.requests.clear()
    with pytest.raises(azfiles.Conflict) as caught:
        share.file("d/f").upload(NEW)
    assert (caught.value.code, transport.requests) == ("ReadOnlyAttribute", ["HEAD"])


def test_a_signature_for_one_file_allows_no_second_name_and_the_refusal_says_what_does():
    world = WORLD.fork()
    signature = world.share().file("d/f").make_sas(permissions="rcw", expires_at=timedelta(hours=1))
    transport = Counted(world.simulator.handle)
    client = azfiles.connect(
        "https://devstoreaccount1.file.core.windows.net",
        signature,
        transport=transport,
        clock=world.clock,
        retry=None,
    )
    file = client.share("data").file("d/f")
    with pytest.raises(azfiles.InvalidArgument, match=r"signature is for one file.*atomic=False") as caught:
        file.upload(NEW)
    assert transport.requests == []
    assert signature.token not in str(caught.value)
    with pytest.raises(azfiles.InvalidArgument, match="signature is for one file"):
        file.create_new(NEW)
    file.upload(NEW, atomic=False)
    assert world.contents()["f"] == NEW


def test_a_signature_that_cannot_read_is_told_how_to_do_without():
    world = WORLD.fork()
    signature = world.share().make_sas(permissions="cwd")
    client = azfiles.connect(world.simulator.handle, signature, clock=world.clock, retry=None)
    file = client.share("data").file("d/f")
    with pytest.raises(azfiles.AuthenticationFailed) as caught:
        file.upload(NEW)
    assert "carry_over=False" in str(caught.value.__notes__)
    file.upload(NEW, carry_over=False)
    assert world.contents()["f"] == NEW


def test_an_older_version_without_rename_is_refused_with_advice():
    share, transport = counted(WORLD.fork(), api_version="2020-12-06")
    with pytest.raises(azfiles.RequestNotSent, match=r"2021-04-10.*atomic=False"):
        share.file("d/f").upload(NEW)
    with pytest.raises(azfiles.RequestNotSent, match="2021-04-10"):
        share.file("d/f").create_new(NEW)
    assert transport.requests == []
    share.file("d/f").upload(NEW, atomic=False)


def test_a_root_a_snapshot_a_directory_and_contradictions_are_refused(tmp_path):
    share = WORLD.fork().share()
    with pytest.raises(azfiles.InvalidArgument, match="no file"):
        azfiles.FileClient(share.target, share.runner).upload(NEW)
    with pytest.raises(azfiles.InvalidArgument, match="snapshot"):
        share.snapshot("2026-01-01T00:00:00.0000000Z").file("f").upload(NEW)
    with pytest.raises((IsADirectoryError, PermissionError)):
        share.file("f").upload(tmp_path)
    with pytest.raises(FileNotFoundError):
        share.file("f").upload(tmp_path / "none")
    with pytest.raises(azfiles.InvalidArgument, match="leave it out of http"):
        share.file("f").upload(NEW, content_md5=True, http=azfiles.HttpHeaders(content_md5=md5_of(NEW)))
    with pytest.raises(azfiles.InvalidArgument, match="resume"):
        share.file("f").upload(NEW, resume=True)
    with pytest.raises(azfiles.InvalidArgument, match="checksum"):
        share.file("f").upload(NEW, checksum="sha1")


@pytest.mark.parametrize("data", ["text", 7, None, [7], ["text"], memoryview(b"abcd")[::2]])
def test_what_holds_no_bytes_is_refused(data):
    world = WORLD.fork()
    with pytest.raises(azfiles.InvalidArgument, match="data: "):
        world.share().file("d/f").upload(data)
    assert world.contents() == {"f": OLD, "held": OLD}


@pytest.mark.parametrize("kind", ["file object", "iterable"])
@pytest.mark.parametrize("size", [len(NEW) - 1, len(NEW) + 1, 0])
def test_a_source_that_is_longer_or_shorter_than_was_said_replaces_nothing(kind, size, tmp_path):
    world = WORLD.fork()
    data, _ = sources(NEW, tmp_path)[kind]
    with pytest.raises(azfiles.InvalidArgument, match=f"size is {size}"):
        world.share().file("d/f").upload(data, size=size, range_size=RANGE)
    assert world.contents() == {"f": OLD, "held": OLD}
    for known in (NEW, tmp_path / "source"):
        with pytest.raises(azfiles.InvalidArgument, match=f"size is {size}, but there are"):
            world.share().file("d/f").upload(known, size=size)


def test_an_upload_in_place_that_fails_says_that_a_part_is_written():
    world = WORLD.fork()
    with pytest.raises(azfiles.OutcomeUnknown, match="written in part"):
        world.share().file("d/f").upload(OnlyIterable(NEW, 5), size=99, range_size=RANGE, atomic=False)


# --- what is sent ----------------------------------------------------------------------------------------------------


def test_ranges_of_zeros_are_not_sent_and_the_file_has_them():
    world = WORLD.fork()
    share, transport = counted(world)
    data = bytes(16) + b"x" + bytes(7) + bytes(24)
    for source in (data, OnlyIterable(data, 5)):
        transport.requests.clear()
        share.file("d/f").upload(source, range_size=8, carry_over=False)
        assert [each for each in transport.requests if "bytes" in each] == ["PUT bytes=16-23"]
        assert world.contents()["f"] == data


def test_in_place_over_old_content_zeros_are_zeros():
    world = WORLD.fork()
    file = world.share().file("d/f")
    file.upload(bytes(len(OLD)), atomic=False)
    assert world.contents()["f"] == bytes(len(OLD))
    file.upload(OLD)
    file.update(lambda old: bytes(len(old)))
    assert world.contents()["f"] == bytes(len(OLD))


def test_a_file_of_unknown_length_grows_in_steps_and_is_cut_in_the_end():
    share, transport = counted(WORLD.fork())
    share.file("d/f").upload(OnlyIterable(b"x" * 100, 7), range_size=1, carry_over=False, concurrency=1)
    resizes = [each for each in transport.requests if each == "PUT properties"]
    assert len(resizes) == 4  # 16, 32, 64, 128, and 100
    transport.requests.clear()
    share.file("d/f").upload(OnlyIterable(b"x" * 9, 2), carry_over=False)
    assert transport.requests == ["PUT", "PUT bytes=0-8", "PUT rename"]


def test_a_small_file_is_created_with_its_data_where_the_version_can():
    world = WORLD.fork()
    share, transport = counted(world, api_version=NEWEST_VERSION)
    for checksum in (None, "md5", "crc64"):
        transport.requests.clear()
        uploaded = share.file("d/f").upload(NEW, checksum=checksum, content_md5=True, read_back=True)
        assert transport.requests == ["HEAD", "PUT", "HEAD", "GET bytes=0-48", "PUT rename"]
        assert uploaded.content_md5 == share.file("d/f").get_properties().http.content_md5 == md5_of(NEW)
    transport.requests.clear()
    share.file("d/f").upload(bytes(7), atomic=False, carry_over=False)
    assert transport.requests == ["PUT"]
    assert world.contents()["f"] == bytes(7)


# --- how it is checked -----------------------------------------------------------------------------------------------


def headers_of(spoilt):
    def note(request):
        spoilt.append({name.lower(): value for name, value in request.headers})
        return request

    return note


@pytest.mark.parametrize(
    ("checksum", "header"), [("crc64", "x-ms-structured-body"), ("md5", "content-md5"), (None, None)]
)
def test_each_range_travels_with_the_checksum_asked_for(checksum, header):
    seen = []
    world = WORLD.fork()
    share, _ = counted(world, headers_of(seen))
    share.file("d/f").upload(NEW, range_size=RANGE, checksum=checksum)
    ranges = [each for each in seen if "x-ms-range" in each]
    assert len(ranges) == 7
    assert all(({"x-ms-structured-body", "content-md5"} & set(each)) == ({header} - {None}) for each in ranges)
    assert world.contents()["f"] == NEW


@pytest.mark.parametrize("checksum", ["crc64", "md5"])
def test_a_byte_that_changes_on_the_way_is_found_and_nothing_is_replaced(checksum):
    from dataclasses import replace

    def flip(request):
        body = [bytearray(part) for part in request.body]
        longest = max(body, key=len, default=bytearray())
        if len(longest) >= RANGE:
            longest[-1] ^= 1
        return replace(request, body=tuple(body))

    world = WORLD.fork()
    share, _ = counted(world, flip)
    with pytest.raises(azfiles.ServiceError):
        share.file("d/f").upload(NEW, range_size=RANGE, checksum=checksum)
    assert world.contents() == {"f": OLD, "held": OLD}


@pytest.mark.parametrize("data", [NEW, b"", bytes(20), OnlyIterable(NEW * 4, 30)])
def test_the_hash_of_the_whole_is_stored_with_it_whatever_the_source(data):
    file = WORLD.fork().share(seed=3).file("d/f")
    uploaded = file.upload(data, range_size=RANGE, content_md5=True, concurrency=3)
    content = bytes(file.download(check_md5=True))
    properties = file.get_properties()
    assert uploaded.content_md5 == properties.http.content_md5 == md5_of(content)
    assert properties.http.content_type == "text/old"


def test_a_new_file_with_a_hash_has_the_usual_content_type():
    file = WORLD.fork().share().file("d/new")
    file.upload(NEW, content_md5=True)
    assert file.get_properties().http.content_type == "application/octet-stream"


def test_reading_back_finds_what_the_service_did_not_keep():
    world = WORLD.fork()

    class Forgetful:
        """Loses one range after it has been written."""

        def handle(self, request):
            reply = world.simulator.handle(request)
            headers = dict(request.headers)
            if headers.get("x-ms-range") == "bytes=8-15" and headers.get("x-ms-write") == "update":
                path = request.target.partition("?")[0].partition("/data/")[2]
                world.share().file(path).clear_range(8, 8)
            return reply

    file = azfiles.connect(Forgetful().handle, clock=world.clock, retry=None).share("data").file("d/f")
    with pytest.raises(azfiles.ContentMismatch, match="does not hold what was sent"):
        file.upload(NEW, range_size=RANGE, read_back=True)
    assert world.contents() == {"f": OLD, "held": OLD}
    with pytest.raises(azfiles.ContentMismatch, match="does not hold what was sent"):
        file.upload(NEW, range_size=RANGE, read_back=True, atomic=False)


def test_a_local_file_that_changes_while_it_is_uploaded_replaces_nothing(tmp_path):
    world = WORLD.fork()
    path = tmp_path / "source"

    def meddle(change):
        path.write_bytes(NEW)
        seen = []

        def once(request):
            if "bytes" in dict(request.headers).get("x-ms-range", "") and not seen:
                seen.append(True)
                change()
            return request

        share, _ = counted(world, once)
        with pytest.raises(azfiles.FileChanged, match=r"local file|source"):
            share.file("d/f").upload(path, range_size=RANGE, concurrency=1)
        assert world.contents() == {"f": OLD, "held": OLD}

    meddle(lambda: path.write_bytes(NEW + b"more"))
    meddle(lambda: path.write_bytes(b"less"))


@pytest.fixture
def unsaid():
    """As if nobody had been told yet what is not installed."""
    checking._say_why_not.cache_clear()


@pytest.mark.usefixtures("unsaid")
def test_without_a_fast_library_ranges_travel_unguarded_and_one_line_says_so(monkeypatch, caplog):
    monkeypatch.setattr(checking.checksums, "is_fast", lambda: False)
    seen = []
    share, _ = counted(WORLD.fork(), headers_of(seen))
    with caplog.at_level(logging.INFO, logger="azfiles"):
        for _ in range(3):
            share.file("d/f").upload(NEW)
    assert not any("x-ms-structured-body" in each for each in seen)
    assert [record.message for record in caplog.records if "checksums" in record.message] == [
        "ranges travel without checksums, because the extra azfiles-toolkit[checksums] is not installed"
    ]


@pytest.mark.usefixtures("unsaid")
def test_with_a_fast_library_each_range_has_a_crc64_where_the_version_knows_it(monkeypatch, caplog):
    monkeypatch.setattr(checking.checksums, "is_fast", lambda: True)
    for version, guarded in (("2025-01-05", True), ("2024-11-04", False)):
        seen, world = [], WORLD.fork()
        share, _ = counted(world, headers_of(seen), api_version=version)
        share.file("d/f").upload(NEW, range_size=RANGE)
        assert bytes(share.file("d/f").download(range_size=RANGE)) == NEW
        assert any("x-ms-structured-body" in each for each in seen) is guarded
    assert not caplog.records


def test_a_large_memory_block_is_zero_or_not_wherever_its_one_byte_is():
    for size in (1, 64 * 1024 - 1, 64 * 1024, 200_000):
        block = bytearray(size)
        assert checking.is_zero(memoryview(block))
        for place in {0, size // 2, size - 1}:
            block[place] = 1
            assert not checking.is_zero(memoryview(block))
            block[place] = 0


def test_every_kind_of_source_gives_the_same_file(tmp_path):
    for name, (data, options) in sources(NEW, tmp_path).items():
        world, fuse = WORLD.fork(), Fuse()
        share = world.share()
        runner = dying_runner(world.simulator, world.clock, fuse, 1)
        flow = azfiles.FileClient.upload.flow(share.file("d/f").target, data, range_size=RANGE, **options)
        runner.run(flow)
        assert world.contents()["f"] == NEW, name


# --- what was left behind --------------------------------------------------------------------------------------------


def test_temporary_files_are_found_by_their_name_and_removed_by_their_age():
    world = WORLD.fork()
    share = world.share()
    names = [f".azfiles-{digit * 32}.new" for digit in "abc"]
    for name in (*names, ".azfiles-mine.new", ".azfiles-" + "a" * 32 + ".txt"):
        share.file(f"d/{name}").create(1)
    share.directory("d/.azfiles-" + "d" * 32 + ".new").create()
    world.clock.advance(3600)
    share.file(f"d/{names[0]}").put_range(0, b"x")
    share.file(f"d/{names[1]}").acquire_lease()
    directory = share.directory("d")
    assert [entry.name for entry in directory.find_temporary()] == names
    assert [entry.name for entry in directory.find_temporary(older_than=timedelta(minutes=30))] == names[1:]
    assert directory.remove_temporary() == ()
    assert directory.remove_temporary(older_than=timedelta(minutes=30)) == (names[2],)
    assert directory.remove_temporary(older_than=timedelta(0)) == (names[0],)
    with pytest.raises(azfiles.InvalidArgument, match="snapshot"):
        share.snapshot("2026-01-01T00:00:00.0000000Z").directory("d").remove_temporary()


def test_an_upload_that_is_refused_at_once_has_not_touched_its_source():
    data = OnlyIterable(NEW, 5)
    source = iter(data)
    with pytest.raises(azfiles.LeaseConflict):
        WORLD.fork().share().file("d/held").upload(source)
    assert b"".join(source) == NEW
