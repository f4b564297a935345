"""The clients themselves: names, ways from one to the next, signatures, leases, snapshots, lists."""

from __future__ import annotations

import inspect
import pydoc

import anyio
import pytest

import azfiles
from azfiles.clients.descriptors import listing, operation
from azfiles.clients.operations import DirectoryOperations, FileOperations, ShareOperations

ID_A = "aaaaaaaa-0000-4000-8000-000000000001"
ID_B = "bbbbbbbb-0000-4000-8000-000000000002"
STAMP = "2026-01-01T00:00:00.0000000Z"
COLOURS = [azfiles.connect, azfiles.connect_async]


@pytest.fixture(params=COLOURS)
def service(request, simulator):
    return request.param(simulator.handle)


def test_the_way_leads_from_a_service_to_shares_directories_files_and_back_out_as_urls(service):
    base = "https://devstoreaccount1.file.core.windows.net"
    share = service.share("data")
    assert (share.name, share.url) == ("data", f"{base}/data")
    assert share.root.url == f"{base}/data"
    assert share.root.path == ""
    assert share.directory("a/b").directory("c").file("d e.txt").url == f"{base}/data/a/b/c/d%20e.txt"
    assert share.directory("/a/").path == "a"
    assert share.file("a/b.txt").path == "a/b.txt"
    assert share.root.file("x").url == share.file("x").url
    assert share.snapshot(STAMP).file("x").url == f"{base}/data/x?sharesnapshot=2026-01-01T00%3A00%3A00.0000000Z"
    assert repr(share.file("x")).endswith(f"FileClient {base}/data/x>")


@pytest.mark.parametrize("path", ["", "/", "a//b"])
def test_a_path_without_names_is_refused(service, path):
    with pytest.raises(azfiles.InvalidArgument):
        service.share("data").file(path)


def test_a_lease_client_shows_what_it_is_of_but_not_its_id(service):
    for lease in (service.share("data").lease(ID_A), service.share("data").file("f").lease(ID_A)):
        assert lease.id == ID_A
        assert ID_A not in repr(lease) + repr(lease.target)
        assert "/data" in repr(lease)


def test_blocking_and_async_clients_have_the_same_names():
    names = ["ServiceClient", "ShareClient", "DirectoryClient", "FileClient", "LeaseClient"]
    for name in names:
        blocking, waiting = getattr(azfiles, name), getattr(azfiles, f"Async{name}")
        public = {each for each in dir(blocking) if not each.startswith("_")}
        assert public == {each for each in dir(waiting) if not each.startswith("_")}


OPERATIONS = [
    (kind, name)
    for kind in (
        azfiles.ServiceClient,
        azfiles.ShareClient,
        azfiles.DirectoryClient,
        azfiles.FileClient,
        azfiles.LeaseClient,
    )
    for name in dir(kind)
    if isinstance(getattr(kind, name), (operation, listing))
]


@pytest.mark.parametrize(("kind", "name"), OPERATIONS)
def test_every_operation_has_a_name_documentation_and_a_signature_without_inner_words(kind, name):
    method = getattr(kind, name)
    assert method.__name__ == name
    assert method.__doc__
    assert method.__doc__[0].isupper()
    signature = inspect.signature(method)
    assert next(iter(signature.parameters)) == "self"
    assert not {"share", "path", "target"} & set(signature.parameters)
    text = str(signature.return_annotation)
    assert text
    assert not text.startswith(("Operation", "Flow"))
    shown = pydoc.plain(pydoc.render_doc(method))  # on one line, or from Python 3.13 on many
    assert f"{name}(self" in "".join(shown.split())


@pytest.mark.parametrize(
    ("client", "name", "item"),
    [
        ("ServiceClient", "list_shares", "ShareItem"),
        ("DirectoryClient", "list", "DirectoryEntry | FileEntry"),
        ("DirectoryClient", "list_handles", "Handle"),
        ("FileClient", "list_handles", "Handle"),
        ("FileClient", "iterate_ranges", "Range"),
    ],
)
def test_help_on_a_list_tells_what_its_items_are_in_both_colours(client, name, item):
    for kind, shown in ((client, "Iterator"), (f"Async{client}", "AsyncIterator")):
        method = getattr(getattr(azfiles, kind), name)
        assert inspect.signature(method).return_annotation == f"{shown}[{item}]"
        assert f"-> '{shown}[{item}]'" in pydoc.render_doc(getattr(azfiles, kind), renderer=pydoc.plaintext)


def test_a_bound_list_tells_what_its_items_are():
    share, other = azfiles.connect(refused).share("data"), azfiles.connect_async(refused).share("data")
    assert inspect.signature(share.root.list).return_annotation == "Iterator[DirectoryEntry | FileEntry]"
    assert inspect.signature(other.root.list).return_annotation == "AsyncIterator[DirectoryEntry | FileEntry]"


def refused(request):
    raise AssertionError(f"{request} was sent")


def test_a_bound_operation_shows_its_own_signature(service):
    put = service.share("data").file("f").put_range
    assert next(iter(inspect.signature(put).parameters)) == "offset"
    assert put.__doc__ == FileOperations.put_range.__doc__
    assert put.__name__ == "put_range"
    assert put.__qualname__ == "FileOperations.put_range"
    assert next(iter(inspect.signature(service.share("data").root.list).parameters)) == "prefix"


def test_an_operation_can_be_called_from_its_class(share):
    file = share.file("f")
    azfiles.FileClient.create(file, 3)
    assert [entry.name for entry in azfiles.DirectoryClient.list(share.root)] == ["f"]


def test_a_flow_of_ones_own_runs_with_a_clients_runner(share):
    def created_twice(target):
        yield from FileOperations.create.flow(target, 1)
        return (yield from FileOperations.get_properties.flow(target))

    assert share.runner.run(created_twice(share.file("f").target)).size == 1
    assert share.runner.run(ShareOperations.get_properties.flow(share.target)).quota_gib
    assert share.runner.run(DirectoryOperations.list.fetch(share.target, page_size=1)).entries


def test_what_is_reached_through_a_snapshot_is_old_and_cannot_be_written(share):
    share.file("f").upload(b"old")
    then = share.snapshot(share.create_snapshot().snapshot)
    share.file("f").upload(b"new!")
    file = then.file("f")
    assert bytes(file.download()) == bytes(file.get().content) == b"old"
    assert bytes(file.get_range(1, 2).content) == b"ld"
    assert file.get_properties().size == 3
    assert file.get_copy_status() is None
    assert [entry.name for entry in then.root.list()] == ["f"]
    writes = [
        lambda: file.upload(b"x"),
        lambda: file.create(1),
        lambda: file.put_range(0, b"x"),
        file.delete,
        lambda: file.rename("g"),
        lambda: file.start_copy(share.file("f")),
        lambda: then.directory("d").rename("e"),
        lambda: then.set_metadata({}),
        lambda: then.root.directory("d").create(),
    ]
    for write in writes:
        with pytest.raises(azfiles.InvalidArgument, match="can only be read"):
            write()


def test_a_lease_client_does_what_a_lease_can(share):
    share.acquire_lease(duration_s=30, proposed_id=ID_A)
    lease = share.lease(ID_A)
    assert lease.renew().id == ID_A
    assert lease.change(ID_B).id == ID_B
    assert share.lease(ID_B).break_(period_s=7).remaining_s == 7
    share.lease(ID_B).release()
    file = share.file("f")
    file.create(1)
    file.acquire_lease(proposed_id=ID_A)
    assert file.lease(ID_A).change(ID_B).id == ID_B
    file.lease(ID_B).release()
    file.acquire_lease(proposed_id=ID_A)
    assert file.lease(ID_A).break_().remaining_s == 0


def test_what_a_file_lease_cannot_is_refused(share):
    lease = share.file("f").lease(ID_A)
    with pytest.raises(azfiles.InvalidArgument, match="no end"):
        lease.renew()
    with pytest.raises(azfiles.InvalidArgument, match="period_s"):
        lease.break_(period_s=1)


def test_a_directory_is_renamed_with_what_is_in_it(share):
    share.directory("a").create()
    share.file("a/f").create(1)
    share.directory("a").rename("b", metadata={"k": "v"})
    assert [entry.name for entry in share.directory("b").list()] == ["f"]
    assert dict(share.directory("b").get_metadata().metadata) == {"k": "v"}


def test_a_list_can_go_on_from_a_marker(share):
    for number in range(5):
        share.file(f"f{number}").create(0)
    first = share.root.list_page(page_size=2)
    rest = share.root.list(marker=first.next_marker, page_size=2)
    assert [entry.name for entry in (*first.entries, *rest)] == [f"f{number}" for number in range(5)]


def test_a_list_fetches_a_page_only_when_it_is_needed(share, simulator, clock):
    for number in range(4):
        share.file(f"f{number}").create(0)
    asked = []

    def handle(request):
        asked.append(request.target)
        return simulator.handle(request)

    entries = azfiles.connect(handle, clock=clock).share("data").root.list(page_size=2)
    assert asked == []
    next(entries)
    next(entries)
    assert len(asked) == 1
    next(entries)
    assert len(asked) == 2


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_async_clients_do_all_of_it_under_any_event_loop(simulator, clock, backend):
    async def use():
        async with azfiles.connect_async(simulator.handle, clock=clock) as client:
            share = client.share("data")
            await share.create()
            await share.directory("d").create()
            file = share.directory("d").file("f")
            data = bytes(range(256)) * 40_000
            await file.upload(data)
            assert bytes(await file.download()) == data
            assert [item.name async for item in client.list_shares()] == ["data"]
            assert [entry.name async for entry in share.root.list(page_size=1)] == ["d"]
            page = await share.directory("d").list_page()
            assert [entry.name for entry in page.entries] == ["f"]
            held = await file.acquire_lease()
            await file.lease(held.id).release()
            await share.file("g").start_copy(file)
            then = share.snapshot((await share.create_snapshot()).snapshot)
            assert [entry.name async for entry in then.root.list()] == ["d", "g"]
            with pytest.raises(azfiles.NotFound):
                await share.file("missing").get()
            guest = azfiles.connect_async(simulator.handle, await file.make_sas(), clock=clock)
            assert bytes((await guest.share("data").file("d/f").get_range(0, 3)).content) == data[:3]

    anyio.run(use, backend=backend)


def test_an_argument_that_cannot_be_is_refused_when_the_coroutine_is_awaited(simulator):
    async def use():
        coroutine = azfiles.connect_async(simulator.handle).share("data").file("f").create(-1)
        with pytest.raises(azfiles.InvalidArgument):
            await coroutine

    anyio.run(use)


def test_a_copy_from_elsewhere_is_named_by_its_url_with_the_signature_of_its_client(simulator, clock, share):
    source = share.file("source")
    source.upload(b"data")
    seen = []

    def handle(request):
        seen.append(dict(request.headers).get("x-ms-copy-source"))
        return simulator.handle(request)

    target = azfiles.connect(handle, clock=clock).share("data").file("target")
    target.start_copy(source)
    target.start_copy(f"{source.url}?{source.make_sas().token}")
    elsewhere = azfiles.connect("https://other.file.core.windows.net", "sv=1&sig=abc").share("s")
    for file in (elsewhere.file("f"), elsewhere.snapshot(STAMP).file("f")):
        with pytest.raises(azfiles.ServiceError):
            target.start_copy(file)
    keyed = azfiles.connect("https://other.file.core.windows.net", azfiles.Anonymous()).share("s").file("f")
    with pytest.raises(azfiles.ServiceError):
        target.start_copy(keyed)
    assert seen[0] == source.url
    assert seen[1].startswith(f"{source.url}?sv=")
    assert seen[2] == "https://other.file.core.windows.net/s/f?sv=1&sig=abc"
    assert seen[3].endswith("Z&sv=1&sig=abc")
    assert seen[4] == "https://other.file.core.windows.net/s/f"


def test_only_an_account_key_makes_signatures(simulator):
    client = azfiles.connect(simulator.handle, azfiles.Anonymous())
    for resource in (client, client.share("data"), client.share("data").file("f")):
        with pytest.raises(azfiles.InvalidArgument, match="account key"):
            resource.make_sas()


class Bearer:
    token = "SECRETTOKEN"

    def get_token(self, *scopes, **_):
        assert scopes == ("https://storage.azure.com/.default",)
        return self


def test_a_bearer_token_is_asked_for_and_sent_over_https_only():
    seen = []

    def handle(request):
        seen.append(dict(request.headers))
        return azfiles.Response(401, "No", azfiles.Headers())

    class Reply:
        status, reason, headers, body = 401, "No", (), ()

    transport = azfiles.InProcessTransport(lambda request: (handle(request), Reply)[1])
    client = azfiles.connect("https://acct.file.core.windows.net", Bearer(), transport=transport)
    with pytest.raises(azfiles.AuthenticationFailed) as refusal:
        client.share("data").file("f").get_properties()
    assert seen[0]["Authorization"] == "Bearer SECRETTOKEN"
    assert seen[0]["x-ms-file-request-intent"] == "backup"
    assert "SECRETTOKEN" not in str(refusal.value) + repr(client) + repr(client.target)
    plain = azfiles.connect("http://127.0.0.1:1/acct", Bearer(), transport=transport)
    with pytest.raises(azfiles.RequestNotSent, match="https only"):
        plain.share("data").file("f").get_properties()
    assert len(seen) == 1
