"""What programs do with the official Python SDK, told once for its blocking and its async clients (``sdk_kit``).

Together the stories call every public method; ``test_official_sdk_surface`` sees to that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.fileshare import (
    AccessPolicy,
    AccountSasPermissions,
    ContentSettings,
    CorsRule,
    FileSasPermissions,
    Metrics,
    NTFSAttributes,
    ResourceTypes,
    RetentionPolicy,
    ShareSasPermissions,
    generate_account_sas,
    generate_file_sas,
    generate_share_sas,
)

from azfiles_sim.accounts import EMULATOR_ACCOUNT, EMULATOR_KEY

from .sdk_kit import PREMIUM, Kit, Watched

MIB = 1024 * 1024
SDDL = "O:S-1-5-21-1-2-3-1001G:S-1-5-21-1-2-3-513D:(A;;FA;;;SY)S:NO_ACCESS_CONTROL"
LEASE_ID = "c820a799-76d7-4ee2-6e15-546f19325c2c"
OTHER_LEASE_ID = "326cc5e1-746e-4af8-4811-a50e6629a8ca"

Story = Callable[[Kit], Awaitable[None]]


async def refusal(call: Awaitable[Any], kind: type[HttpResponseError] = HttpResponseError) -> tuple[int | None, str]:
    """The status and code with which the service refuses what is called, raised as ``kind``."""
    with pytest.raises(kind) as refused:
        await call
    code = refused.value.error_code  # type: ignore[attr-defined] # the SDK adds it, as a member of an enum or as text
    return refused.value.status_code, getattr(code, "value", code)


async def new_share(kit: Kit, name: str = "data") -> Watched:
    return await kit.service().create_share(name)


async def service_settings_are_kept(kit: Kit) -> None:
    service = kit.service()
    hour = Metrics(enabled=True, include_apis=True, retention_policy=RetentionPolicy(enabled=True, days=5))
    rule = CorsRule(["https://a.example"], ["GET", "PUT"], allowed_headers=["x-ms-*"], max_age_in_seconds=60)
    await service.set_service_properties(hour_metrics=hour, minute_metrics=Metrics(), cors=[rule])
    found = await service.get_service_properties()
    assert found["hour_metrics"].retention_policy.days == 5
    assert not found["minute_metrics"].enabled
    assert [(kept.allowed_origins, kept.allowed_methods) for kept in found["cors"]] == [
        ("https://a.example", "GET,PUT")
    ]
    await service.set_service_properties(cors=[])
    assert (await service.get_service_properties())["cors"] == []
    await service.close()


async def shares_are_listed_deleted_and_restored(kit: Kit) -> None:
    service = kit.service()
    for name in ("alpha", "beta", "betamax"):
        await service.create_share(name, metadata={"of": name}, quota=5)
    assert await refusal(service.create_share("alpha"), ResourceExistsError) == (409, "ShareAlreadyExists")
    listed = await service.list_shares(name_starts_with="be", include_metadata=True, results_per_page=1)
    assert [(share.name, share.metadata["of"], share.quota) for share in listed] == [
        ("beta", "beta", 5),
        ("betamax", "betamax", 5),
    ]
    await service.delete_share("beta")
    deleted = [share for share in await service.list_shares(include_deleted=True) if share.deleted]
    assert [share.name for share in deleted] == ["beta"]
    restored = await service.undelete_share("beta", deleted[0].version)
    assert (await restored.get_share_properties()).metadata == {"of": "beta"}
    assert await refusal(service.delete_share("gamma"), ResourceNotFoundError) == (404, "ShareNotFound")


async def a_delegation_key_needs_a_token(kit: Kit) -> None:
    """With the account's key no such key is given out; a token goes over https only, and needs an intent."""
    now = datetime.now(UTC)
    end = now + timedelta(hours=1)
    assert (await refusal(kit.service().get_user_delegation_key(start=now, expiry=end)))[0] == 403
    if not kit.host_style:
        return
    service = kit.service(credential=kit.token(audience="https://storage.azure.com"), token_intent="backup")
    share = await service.create_share("data")
    await (await share.get_file_client("file.txt")).upload_file(b"content")
    key = await service.get_user_delegation_key(start=now, expiry=end)
    reading = generate_share_sas(
        EMULATOR_ACCOUNT, "data", permission=ShareSasPermissions(read=True), expiry=end, user_delegation_key=key
    )
    reader = await kit.service(credential=reading).get_share_client("data")
    read_file = await reader.get_file_client("file.txt")
    assert await (await read_file.download_file()).readall() == b"content"
    assert await refusal(read_file.upload_range(b"x", 0, 1)) == (403, "AuthorizationPermissionMismatch")

    strange = kit.service(credential=kit.token(audience="https://elsewhere.example"), token_intent="backup")
    assert await refusal(strange.list_shares(), ClientAuthenticationError) == (401, "InvalidAuthenticationInfo")


async def a_share_has_settings_policies_permissions_and_snapshots(kit: Kit) -> None:
    service = kit.service()
    share = await service.get_share_client("data")
    created = await share.create_share(metadata={"colour": "blue"}, quota=10, access_tier="Hot")
    assert created["etag"] == (await share.get_share_properties()).etag
    await share.set_share_quota(20)
    await share.set_share_properties(access_tier="Cool")
    await share.set_share_metadata({"colour": "green"})
    found = await share.get_share_properties()
    assert (found.quota, found.access_tier, found.metadata) == (20, "Cool", {"colour": "green"})

    start = datetime(2026, 1, 1, tzinfo=UTC)
    policy = AccessPolicy(permission=ShareSasPermissions(read=True), start=start, expiry=start + timedelta(days=1))
    await share.set_share_access_policy({"reading": policy})
    (identifier,) = (await share.get_share_access_policy())["signed_identifiers"]
    assert (identifier.id, identifier.access_policy.permission) == ("reading", "r")

    key = await share.create_permission_for_share(SDDL)
    assert await share.create_permission_for_share(SDDL) == key
    assert (await share.get_permission_for_share(key)).startswith("O:S-1-5-21-1-2-3-1001")

    file = await share.get_file_client("file.bin")
    await file.upload_file(b"x" * MIB)
    assert await share.get_share_stats() == MIB
    snapshot = (await share.create_snapshot(metadata={"of": "before"}))["snapshot"]
    await file.upload_file(b"y")
    old = await service.get_share_client("data", snapshot=snapshot)
    assert (await old.get_share_properties()).metadata == {"of": "before"}
    assert (await (await old.get_file_client("file.bin")).get_file_properties()).size == MIB
    listed = await service.list_shares(include_snapshots=True)
    assert [(found.name, found.snapshot) for found in listed] == [("data", snapshot), ("data", None)]
    assert await refusal(share.delete_share(), ResourceExistsError) == (409, "ShareHasSnapshots")
    await share.delete_share(delete_snapshots="include")
    assert await refusal(share.get_share_properties(), ResourceNotFoundError) == (404, "ShareNotFound")
    await share.close()


async def a_directory_has_children_settings_and_a_new_name(kit: Kit) -> None:
    share = await new_share(kit)
    top = await share.create_directory("top", metadata={"a": "1"})
    assert await refusal(share.create_directory("top"), ResourceExistsError) == (409, "ResourceAlreadyExists")
    assert await refusal(share.create_directory("no/where"), ResourceNotFoundError) == (404, "ParentNotFound")
    await top.set_directory_metadata({"b": "2"})
    then = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
    await top.set_http_headers(
        file_attributes=NTFSAttributes(directory=True, hidden=True), file_creation_time=then, file_permission=SDDL
    )
    found = await top.get_directory_properties()
    assert (found.metadata, found.creation_time) == ({"b": "2"}, then)
    assert found.file_attributes == "Hidden | Directory"
    sub = await top.create_subdirectory("sub")
    same = await top.get_subdirectory_client("sub")
    assert await same.exists()
    await top.upload_file("one.txt", b"one")
    await sub.upload_file("two.txt", b"two")
    listed = await top.list_directories_and_files(include=["timestamps", "ETag", "Attributes", "PermissionKey"])
    assert [(found.name, found.is_directory) for found in listed] == [("sub", True), ("one.txt", False)]
    assert (listed[1].size, listed[1].permission_key is None) == (3, False)
    pages = await share.list_directories_and_files("top", name_starts_with="o", results_per_page=1)
    assert [found.name for found in pages] == ["one.txt"]
    assert await refusal(top.delete_subdirectory("sub"), ResourceExistsError) == (409, "DirectoryNotEmpty")
    await sub.delete_file("two.txt")
    await top.delete_subdirectory("sub")
    renamed = await top.rename_directory("renamed", metadata={"c": "3"})
    assert not await top.exists()
    assert await (await renamed.get_file_client("one.txt")).exists()
    assert (await renamed.get_directory_properties()).metadata == {"c": "3"}
    await renamed.delete_file("one.txt")
    await renamed.delete_directory()
    again = await share.get_directory_client("again")
    await again.create_directory()
    await share.delete_directory("again")
    assert await refusal(again.delete_directory(), ResourceNotFoundError) == (404, "ResourceNotFound")
    await again.close()


async def a_file_has_ranges_settings_and_a_new_name(kit: Kit) -> None:
    share = await new_share(kit)
    file = await share.get_file_client("file.bin")
    assert not await file.exists()
    await file.create_file(4096, content_settings=ContentSettings(content_type="text/plain"), metadata={"a": "1"})
    await file.upload_range(b"a" * 1024, 0, 1024)
    await file.upload_range(b"b" * 1024, 2048, 1024, validate_content=True)
    assert await file.get_ranges() == [{"start": 0, "end": 1023}, {"start": 2048, "end": 3071}]
    listed = await file.list_ranges()
    assert [(found.start, found.end, found.cleared) for found in listed] == [(0, 1023, False), (2048, 3071, False)]
    snapshot = (await share.create_snapshot())["snapshot"]
    await file.clear_range(0, 512)
    await file.upload_range(b"c" * 512, 3584, 512)
    ranges, cleared = await file.get_ranges_diff(snapshot)
    assert (ranges, cleared) == ([{"start": 3584, "end": 4095}], [{"start": 0, "end": 511}])
    changed = await file.list_ranges_diff(snapshot)
    assert [(found.start, found.end, found.cleared) for found in changed] == [(0, 511, True), (3584, 4095, False)]

    await file.resize_file(1000)
    await file.set_file_metadata({"b": "2"})
    await file.set_http_headers(ContentSettings(content_type="a/b", cache_control="no-cache"), "ReadOnly")
    found = await file.get_file_properties()
    assert (found.size, found.metadata, found.content_settings.content_type) == (1000, {"b": "2"}, "a/b")
    assert await refusal(file.delete_file()) == (409, "ReadOnlyAttribute")
    await file.set_http_headers(ContentSettings(), "None")
    assert await refusal(file.upload_range(b"x" * 10, 995, 10)) == (416, "InvalidRange")
    renamed = await file.rename_file("renamed.bin")
    assert [await found.exists() for found in (file, renamed)] == [False, True]
    await renamed.delete_file()
    assert await refusal(renamed.get_file_properties(), ResourceNotFoundError) == (404, "ResourceNotFound")
    await renamed.close()


async def content_goes_up_and_comes_down_whole_and_in_parts(kit: Kit) -> None:
    share = await new_share(kit)
    file = await share.get_file_client("file.bin")
    content = bytes(range(256)) * 4096 * 9  # 9 MiB: three ranges
    await file.upload_file(content, max_concurrency=3, validate_content=True)
    assert await (await file.download_file(max_concurrency=3)).readall() == content
    part = await file.download_file(offset=1000, length=5 * MIB, validate_content=True)
    assert await part.readall() == content[1000 : 1000 + 5 * MIB]
    await (await share.get_directory_client("")).upload_file("empty.bin", b"")
    assert await (await (await share.get_file_client("empty.bin")).download_file()).readall() == b""
    assert await refusal(file.download_file(offset=len(content), length=10)) == (416, "InvalidRange")


async def a_download_notices_that_the_file_has_changed(kit: Kit) -> None:
    share = await new_share(kit)
    file = await share.get_file_client("file.bin")
    await file.upload_file(b"a" * 3 * MIB)
    small_parts = await kit.service(max_single_get_size=MIB, max_chunk_get_size=MIB).get_share_client("data")
    opened = await (await small_parts.get_file_client("file.bin")).download_file()
    await file.upload_range(b"changed", 0, 7)
    with pytest.raises(ResourceModifiedError):
        await opened.readall()


async def a_file_is_copied_whole_and_by_range(kit: Kit) -> None:
    service = kit.service()
    share = await service.create_share("data")
    source = await share.get_file_client("source.bin")
    await source.upload_file(b"0123456789" * 100)
    copy = await share.get_file_client("copy.bin")
    copied = await copy.start_copy_from_url(source.url, metadata={"a": "1"})
    found = await copy.get_file_properties()
    assert (found.copy.id, found.copy.status, found.size) == (copied["copy_id"], "success", 1000)
    assert await refusal(copy.abort_copy(found), ResourceExistsError) == (409, "NoPendingCopyOperation")
    sas = generate_file_sas(
        EMULATOR_ACCOUNT,
        "data",
        ["source.bin"],
        EMULATOR_KEY,
        permission=FileSasPermissions(read=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    await copy.upload_range_from_url(f"{source.url}?{sas}", offset=10, length=5, source_offset=3)
    assert await (await copy.download_file(offset=8, length=9)).readall() == b"893456756"
    absent = await share.get_file_client("absent.bin")
    assert (await refusal(copy.start_copy_from_url(absent.url), ResourceNotFoundError))[0] == 404


async def leases_guard_files_and_shares(kit: Kit) -> None:
    share = await new_share(kit)
    file = await share.get_file_client("file.bin")
    await file.create_file(10)
    lease = await file.acquire_lease(LEASE_ID)
    assert await refusal(file.delete_file()) == (412, "LeaseIdMissing")
    assert await refusal(file.upload_range(b"x", 0, 1, lease=OTHER_LEASE_ID)) == (
        412,
        "LeaseIdMismatchWithFileOperation",
    )
    await lease.change(OTHER_LEASE_ID)
    await file.upload_range(b"x", 0, 1, lease=lease.client)
    assert await lease.break_lease() == 0
    again = kit.lease(file)
    await again.acquire()
    assert await refusal(kit.lease(file).acquire(), ResourceExistsError) == (409, "LeaseAlreadyPresent")
    await again.release()

    share_lease = await share.acquire_lease(lease_duration=15)
    await share_lease.renew()
    assert (await share.get_share_properties()).lease.state == "leased"
    assert 0 < await share_lease.break_lease(lease_break_period=5) <= 5
    assert (await share.get_share_properties()).lease.state == "breaking"
    await share_lease.release()
    assert (await share.get_share_properties()).lease.state == "available"


async def open_handles_are_listed_and_closed(kit: Kit) -> None:
    share = await new_share(kit)
    top = await share.create_directory("top")
    file = await top.upload_file("file.txt", b"content")
    opened = [kit.simulator.open_handle(EMULATOR_ACCOUNT, "data", path) for path in ("top", "top/file.txt") * 2]
    found = await top.list_handles(recursive=True, results_per_page=1)
    assert sorted(int(handle.id) for handle in found) == sorted(opened)
    on_file = await file.list_handles()
    assert {handle.path for handle in on_file} == {"top/file.txt"}
    assert await file.close_handle(on_file[0]) == {"closed_handles_count": 1, "failed_handles_count": 0}
    assert (await file.close_all_handles())["closed_handles_count"] == 1
    on_top = await top.list_handles()
    assert (await top.close_handle(on_top[0].id))["closed_handles_count"] == 1
    assert (await top.close_all_handles(recursive=True))["closed_handles_count"] == 1
    assert await top.list_handles(recursive=True) == []


async def an_nfs_share_has_links(kit: Kit) -> None:
    share = await kit.service(PREMIUM).get_share_client("nfs")
    file, link, symbolic = [await share.get_file_client(name) for name in ("file.txt", "link.txt", "symbolic.txt")]
    await share.create_share(protocols="NFS")
    await file.create_file(10, file_mode="0644", owner="1000", group="1000")
    await link.create_hardlink("/file.txt")
    assert (await link.get_file_properties()).link_count == 2
    await symbolic.create_symlink("file.txt", metadata={"a": "1"})
    assert (await symbolic.get_symlink())["link_text"] == "file.txt"


async def clients_are_made_from_strings_and_urls(kit: Kit) -> None:
    text = kit.connection_string()
    service = await kit.make("ShareServiceClient", "from_connection_string", text)
    share = await kit.make("ShareClient", "from_connection_string", text, "data")
    await share.create_share()
    top = await kit.make("ShareDirectoryClient", "from_connection_string", text, "data", "top")
    await top.create_directory()
    file = await kit.make("ShareFileClient", "from_connection_string", text, "data", "top/file.txt")
    await file.upload_file(b"content")
    assert [found.name for found in await service.list_shares()] == ["data"]
    same = await kit.make("ShareClient", "from_share_url", share.url, credential=EMULATOR_KEY)
    assert (await same.get_share_properties()).name == "data"
    if kit.host_style:  # from a path-style address the SDK makes neither: it takes the account for the share
        directory = await kit.make("ShareDirectoryClient", "from_directory_url", top.url, credential=EMULATOR_KEY)
        assert await directory.exists()
        found = await kit.make("ShareFileClient", "from_file_url", file.url, credential=EMULATOR_KEY)
        assert (await found.get_file_properties()).size == 7


async def signatures_grant_what_they_say(kit: Kit) -> None:
    share = await new_share(kit)
    file = await share.get_file_client("file.txt")
    await file.upload_file(b"content")
    expiry = datetime.now(UTC) + timedelta(hours=1)
    reading = generate_share_sas(EMULATOR_ACCOUNT, "data", EMULATOR_KEY, ShareSasPermissions(read=True), expiry)
    account = generate_account_sas(
        EMULATOR_ACCOUNT,
        EMULATOR_KEY,
        ResourceTypes(service=True, container=True),
        AccountSasPermissions(list=True),
        expiry,
    )
    reader = await kit.service(credential=reading).get_share_client("data")
    read_file = await reader.get_file_client("file.txt")
    assert await (await read_file.download_file()).readall() == b"content"
    assert await refusal(read_file.upload_range(b"x", 0, 1)) == (403, "AuthorizationPermissionMismatch")
    lister = kit.service(credential=account)
    assert [found.name for found in await lister.list_shares()] == ["data"]
    past = datetime.now(UTC) - timedelta(hours=1)
    late = generate_share_sas(EMULATOR_ACCOUNT, "data", EMULATOR_KEY, ShareSasPermissions(read=True), past)
    expired = await kit.service(credential=late).get_share_client("data")
    expired_file = await expired.get_file_client("file.txt")
    assert await refusal(expired_file.get_file_properties()) == (403, "AuthenticationFailed")


STORIES: tuple[Story, ...] = (
    service_settings_are_kept,
    shares_are_listed_deleted_and_restored,
    a_delegation_key_needs_a_token,
    a_share_has_settings_policies_permissions_and_snapshots,
    a_directory_has_children_settings_and_a_new_name,
    a_file_has_ranges_settings_and_a_new_name,
    content_goes_up_and_comes_down_whole_and_in_parts,
    a_download_notices_that_the_file_has_changed,
    a_file_is_copied_whole_and_by_range,
    leases_guard_files_and_shares,
    open_handles_are_listed_and_closed,
    an_nfs_share_has_links,
    clients_are_made_from_strings_and_urls,
    signatures_grant_what_they_say,
)
