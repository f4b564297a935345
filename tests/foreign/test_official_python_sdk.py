"""azure-storage-file-share, as it comes from the package index, takes the served simulator for Azure."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import pytest
import requests
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
)
from azure.core.pipeline.transport import AioHttpTransport, RequestsTransport
from azure.storage.fileshare import ShareLeaseClient, ShareServiceClient
from azure.storage.fileshare.aio import ShareLeaseClient as AsyncShareLeaseClient
from azure.storage.fileshare.aio import ShareServiceClient as AsyncShareServiceClient

from azfiles_sim.accounts import EMULATOR_KEY
from azfiles_sim.server import ServedSimulator

from .conftest import HOST, LeadHere, ResolveHere

STYLES = ["path style over http", "host style over https"]
SIZE = 10 * 1024 * 1024
CONTENT = hashlib.shake_128(b"content").digest(SIZE)


@pytest.fixture(params=STYLES)
def served(request) -> ServedSimulator:
    return request.getfixturevalue("plain" if request.param.startswith("path") else "secure")


@contextmanager
def service(served: ServedSimulator, credential: str = EMULATOR_KEY) -> Iterator[ShareServiceClient]:
    """The official client; over https with its real host name, led to this machine, verifying our certificate."""
    if served.ca_file is None:
        with ShareServiceClient(served.endpoint, credential, retry_total=0) as client:
            yield client
        return
    with requests.Session() as session:
        session.mount("https://", LeadHere(served.port))
        with ShareServiceClient(
            f"https://{HOST}",
            credential,
            retry_total=0,
            transport=RequestsTransport(session=session, session_owner=False, connection_verify=str(served.ca_file)),
        ) as client:
            yield client


@asynccontextmanager
async def async_service(
    served: ServedSimulator, credential: str = EMULATOR_KEY
) -> AsyncIterator[AsyncShareServiceClient]:
    if served.ca_file is None:
        async with AsyncShareServiceClient(served.endpoint, credential, retry_total=0) as client:
            yield client
        return
    trust = ssl.create_default_context(cafile=str(served.ca_file))
    connector = aiohttp.TCPConnector(resolver=ResolveHere(served.port), ssl=trust)
    async with (
        aiohttp.ClientSession(connector=connector, auto_decompress=False) as session,
        AsyncShareServiceClient(
            f"https://{HOST}",
            credential,
            retry_total=0,
            transport=AioHttpTransport(session=session, session_owner=False, connection_verify=str(served.ca_file)),
        ) as client,
    ):
        yield client


def test_it_creates_uploads_downloads_lists_leases_and_deletes(served):
    with service(served) as client:
        share = client.create_share("data", metadata={"purpose": "test"})
        assert [found.name for found in client.list_shares()] == ["data"]
        assert share.get_share_properties().metadata == {"purpose": "test"}
        with pytest.raises(ResourceExistsError) as exists:
            share.create_share()
        assert exists.value.error_code == "ShareAlreadyExists"

        directory = share.create_directory("folder")
        file = directory.upload_file("large.bin", CONTENT, max_concurrency=4)
        assert file.get_file_properties().size == SIZE
        assert file.download_file(max_concurrency=4).readall() == CONTENT
        assert file.download_file(offset=5_000_000, length=1000).readall() == CONTENT[5_000_000:5_001_000]

        assert [(found.name, found.is_directory) for found in share.list_directories_and_files()] == [("folder", True)]
        (listed,) = directory.list_directories_and_files(include=["timestamps", "ETag"], include_extended_info=True)
        assert (listed.name, listed.size, listed.etag) == ("large.bin", SIZE, file.get_file_properties().etag)

        file.set_file_metadata({"colour": "blue"})
        assert file.get_file_properties().metadata == {"colour": "blue"}
        snapshot = share.create_snapshot()["snapshot"]
        file.upload_range(b"changed", offset=0, length=7)
        assert file.download_file(offset=0, length=7).readall() == b"changed"
        old = client.get_share_client("data", snapshot=snapshot).get_file_client("folder/large.bin")
        assert old.download_file(offset=0, length=7).readall() == CONTENT[:7]

        lease = file.acquire_lease()
        with pytest.raises(HttpResponseError) as refused:
            file.resize_file(1)
        assert (refused.value.status_code, refused.value.error_code) == (412, "LeaseIdMissing")
        file.resize_file(SIZE - 1, lease=lease)
        lease.release()
        share_lease = ShareLeaseClient(share)
        share_lease.acquire(lease_duration=60)
        with pytest.raises(HttpResponseError) as refused:
            share.delete_share()
        assert (refused.value.status_code, refused.value.error_code) == (412, "LeaseIdMissing")
        share_lease.renew()
        share_lease.release()

        file.delete_file()
        directory.delete_directory()
        share.delete_share(delete_snapshots=True)
        with pytest.raises(ResourceNotFoundError) as missing:
            share.get_share_properties()
        assert missing.value.error_code == "ShareNotFound"


@pytest.mark.filterwarnings("ignore:Sending a large body directly with raw bytes:ResourceWarning")  # the SDK does so
def test_its_async_client_does_the_same(served):
    async def story() -> None:
        async with async_service(served) as client:
            share = await client.create_share("data", metadata={"purpose": "test"})
            assert [found.name async for found in client.list_shares()] == ["data"]
            assert (await share.get_share_properties()).metadata == {"purpose": "test"}

            directory = await share.create_directory("folder")
            file = await directory.upload_file("large.bin", CONTENT, max_concurrency=4)
            assert (await file.get_file_properties()).size == SIZE
            assert await (await file.download_file(max_concurrency=4)).readall() == CONTENT
            listed = [(found.name, found.size) async for found in directory.list_directories_and_files()]
            assert listed == [("large.bin", SIZE)]

            await file.set_file_metadata({"colour": "blue", "word": "blå"})
            assert (await file.get_file_properties()).metadata["colour"] == "blue"
            lease = await file.acquire_lease()
            with pytest.raises(HttpResponseError) as refused:
                await file.resize_file(1)
            assert (refused.value.status_code, refused.value.error_code) == (412, "LeaseIdMissing")
            await lease.release()
            share_lease = AsyncShareLeaseClient(share)
            await share_lease.acquire(lease_duration=60)
            await share_lease.release()

            await file.delete_file()
            await directory.delete_directory()
            await share.delete_share()
            with pytest.raises(ResourceNotFoundError) as missing:
                await share.get_share_properties()
            assert missing.value.error_code == "ShareNotFound"

    asyncio.run(story())


def test_a_connection_string_is_enough(plain):
    with ShareServiceClient.from_connection_string(plain.connection_string, retry_total=0) as client:
        client.create_share("data")
        assert [found.name for found in client.list_shares()] == ["data"]


def test_a_wrong_key_is_an_authentication_error(served):
    with (
        service(served, base64.b64encode(b"not the key").decode()) as client,
        pytest.raises(ClientAuthenticationError) as refused,
    ):
        client.create_share("data")
    assert refused.value.error_code == "AuthenticationFailed"


def test_a_wrong_key_is_an_authentication_error_for_the_async_client_too(served):
    async def story() -> None:
        async with async_service(served, base64.b64encode(b"not the key").decode()) as client:
            with pytest.raises(ClientAuthenticationError) as refused:
                await client.create_share("data")
            assert refused.value.error_code == "AuthenticationFailed"

    asyncio.run(story())


def test_what_is_missing_is_not_found(served):
    with service(served) as client:
        share = client.get_share_client("data")
        with pytest.raises(ResourceNotFoundError) as missing:
            share.get_share_properties()
        assert missing.value.error_code == "ShareNotFound"
        share.create_share()
        with pytest.raises(ResourceNotFoundError) as missing:
            share.get_file_client("nothing.txt").get_file_properties()
        assert missing.value.error_code == "ResourceNotFound"
        with pytest.raises(ResourceNotFoundError) as missing:
            share.get_file_client("nowhere/file.txt").create_file(1)
        assert missing.value.error_code == "ParentNotFound"


def test_names_with_spaces_percent_signs_and_other_alphabets_survive(served):
    name = "100% grün + 日本 #1.txt"
    with service(served) as client:
        share = client.create_share("data")
        share.get_file_client(name).upload_file(b"content")
        assert [found.name for found in share.list_directories_and_files()] == [name]
        assert share.get_file_client(name).download_file().readall() == b"content"


def test_a_client_that_does_not_trust_the_authority_refuses_to_connect(secure):
    with requests.Session() as session:
        session.mount("https://", LeadHere(secure.port))
        transport = RequestsTransport(session=session, session_owner=False)
        with (
            ShareServiceClient(f"https://{HOST}", EMULATOR_KEY, retry_total=0, transport=transport) as client,
            pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            client.create_share("data")
