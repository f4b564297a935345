"""The clients that are compared, each behind the same few methods: ours on each of its transports, the official SDK
blocking and aio, and what is in ``bare``. ``running`` starts one of them in a process of its own.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import os
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import bare
from running import Meter, latencies

KIB, MIB = 1024, 1024 * 1024
SHARE = "bench"
LEASE = "11111111-2222-4333-8444-555555555555"
Task = dict[str, Any]


# --- ours ---------------------------------------------------------------------------------------------------------


# As the SDK does it: written in place, and nothing of an old file kept. By default ours writes beside the file, carries
# over what belongs to it, and renames.
IN_PLACE: Task = {"atomic": False, "carry_over": False}


class Ours:
    """The blocking client, on the transport that is named."""

    def __init__(self, task: Task, transport: str) -> None:
        import azfiles

        make: Any = {"fast": azfiles.FastTransport, "httpx": azfiles.HttpxTransport}[transport]
        carrier = make(ca_file=task["ca_file"], connections=task.get("concurrency", 1))
        self.service = azfiles.connect(task["connection_string"], transport=carrier)
        self.share = self.service.share(SHARE)

    def upload(self, name: str, content: Any, concurrency: int) -> None:
        self.share.file(name).upload(content, concurrency=concurrency, **IN_PLACE)

    def download(self, name: str, room: memoryview, concurrency: int) -> None:
        self.share.file(name).download(into=room, concurrency=concurrency)

    def operation(self, kind: str, worker: int, content: bytes) -> Callable[[], object]:
        file = self.share.file(f"w{os.getpid()}-{worker}")
        if kind.startswith("list"):
            folder = self.share.directory(f"d{kind[4:]}")
            return lambda: sum(1 for _ in folder.list())
        file.create(len(content))
        file.put_range(0, content)
        return {
            "put": lambda: file.put_range(0, content),
            "get": lambda: file.get_range(0, len(content)),
            "lease": lambda: file.acquire_lease(proposed_id=LEASE),
        }[kind]

    def write_small(self, number: int, content: bytes) -> None:
        self.upload(f"files/{number}", content, 1)

    def read_small(self, number: int) -> None:
        self.share.file(f"files/{number}").download()


class OursAsync:
    """The async client, on the transport that is named; ``how`` goes to its uploads, ``session`` to the client."""

    def __init__(self, task: Task, transport: str, how: Task = IN_PLACE, **session: Any) -> None:
        import azfiles

        make: Any = {"fast": azfiles.AsyncFastTransport, "httpx": azfiles.AsyncHttpxTransport}[transport]
        carrier = make(ca_file=task["ca_file"], connections=task.get("concurrency", 1))
        self.service = azfiles.connect_async(task["connection_string"], transport=carrier, **session)
        self.share = self.service.share(SHARE)
        self.how = how

    async def upload(self, name: str, content: Any, concurrency: int) -> None:
        await self.share.file(name).upload(content, concurrency=concurrency, **self.how)

    async def download(self, name: str, room: memoryview, concurrency: int) -> None:
        await self.share.file(name).download(into=room, concurrency=concurrency)

    async def operation(self, kind: str, worker: int, content: bytes) -> Callable[[], Awaitable[object]]:
        file = self.share.file(f"w{os.getpid()}-{worker}")
        if kind.startswith("list"):
            folder = self.share.directory(f"d{kind[4:]}")

            async def list_all() -> int:
                return len([entry async for entry in folder.list()])

            return list_all
        await file.create(len(content))
        await file.put_range(0, content)
        return {
            "put": lambda: file.put_range(0, content),
            "get": lambda: file.get_range(0, len(content)),
            "lease": lambda: file.acquire_lease(proposed_id=LEASE),
        }[kind]

    async def write_small(self, number: int, content: bytes) -> None:
        await self.upload(f"files/{number}", content, 1)

    async def read_small(self, number: int) -> None:
        await self.share.file(f"files/{number}").download()


# --- the official SDK ---------------------------------------------------------------------------------------------


class _Discard(io.RawIOBase):
    """A seekable stream that keeps nothing: the SDK has no way to fill a buffer of the caller's."""

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, place: int, whence: int = 0) -> int:  # noqa: ARG002 - nothing is kept
        return place

    def tell(self) -> int:
        return 0

    def write(self, data: Any) -> int:
        return len(data)


def _sdk_options(task: Task) -> Task:
    verify = {"connection_verify": task["ca_file"]} if task["ca_file"] else {}
    return {"max_single_get_size": 4 * MIB, "max_chunk_get_size": 4 * MIB, **verify}


class Sdk:
    """azure-storage-file-share, blocking, over requests."""

    def __init__(self, task: Task) -> None:
        from azure.storage.fileshare import ShareServiceClient

        service = ShareServiceClient.from_connection_string(task["connection_string"], **_sdk_options(task))
        self.share = service.get_share_client(SHARE)

    def upload(self, name: str, content: Any, concurrency: int) -> None:
        self.share.get_file_client(name).upload_file(content, max_concurrency=concurrency)

    def download(self, name: str, room: memoryview, concurrency: int) -> None:  # noqa: ARG002 - see _Discard
        self.share.get_file_client(name).download_file(max_concurrency=concurrency).readinto(_Discard())

    def operation(self, kind: str, worker: int, content: bytes) -> Callable[[], object]:
        file = self.share.get_file_client(f"w{os.getpid()}-{worker}")
        if kind.startswith("list"):
            folder = self.share.get_directory_client(f"d{kind[4:]}")
            return lambda: sum(1 for _ in folder.list_directories_and_files())
        file.upload_file(content)
        return {
            "put": lambda: file.upload_range(content, 0, len(content)),
            "get": lambda: file.download_file(offset=0, length=len(content)).readall(),
            "lease": lambda: file.acquire_lease(lease_id=LEASE),
        }[kind]

    def write_small(self, number: int, content: bytes) -> None:
        self.share.get_file_client(f"files/{number}").upload_file(content)

    def read_small(self, number: int) -> None:
        self.share.get_file_client(f"files/{number}").download_file().readall()


class SdkAio:
    """azure-storage-file-share, aio, over aiohttp."""

    def __init__(self, task: Task) -> None:
        from azure.storage.fileshare.aio import ShareServiceClient

        service = ShareServiceClient.from_connection_string(task["connection_string"], **_sdk_options(task))
        self.share = service.get_share_client(SHARE)

    async def upload(self, name: str, content: Any, concurrency: int) -> None:
        await self.share.get_file_client(name).upload_file(content, max_concurrency=concurrency)

    async def download(self, name: str, room: memoryview, concurrency: int) -> None:  # noqa: ARG002 - see _Discard
        stream = await self.share.get_file_client(name).download_file(max_concurrency=concurrency)
        await stream.readinto(_Discard())

    async def operation(self, kind: str, worker: int, content: bytes) -> Callable[[], Awaitable[object]]:
        file = self.share.get_file_client(f"w{os.getpid()}-{worker}")
        if kind.startswith("list"):
            folder = self.share.get_directory_client(f"d{kind[4:]}")

            async def list_all() -> int:
                return len([entry async for entry in folder.list_directories_and_files()])

            return list_all
        await file.upload_file(content)

        async def get() -> bytes:
            return await (await file.download_file(offset=0, length=len(content))).readall()

        return {
            "put": lambda: file.upload_range(content, 0, len(content)),
            "get": get,
            "lease": lambda: file.acquire_lease(lease_id=LEASE),
        }[kind]

    async def write_small(self, number: int, content: bytes) -> None:
        await self.share.get_file_client(f"files/{number}").upload_file(content)

    async def read_small(self, number: int) -> None:
        await (await self.share.get_file_client(f"files/{number}").download_file()).readall()


# --- the jobs -----------------------------------------------------------------------------------------------------


def content_of(size: int) -> bytes:
    """``size`` bytes that are not all zero, so that nobody may leave them out."""
    block = os.urandom(min(size, 4 * MIB))
    return (block * (size // len(block) + 1))[:size]


def job(client: Any, task: Task) -> Any:
    """The job that is asked for, measured; the same text for blocking and awaited clients but for how they wait."""
    awaited = inspect.iscoroutinefunction(client.upload)
    return _job_async(client, task) if awaited else _job(client, task)


def _job(client: Any, task: Task) -> Any:
    meter, concurrency = Meter(), task.get("concurrency", 1)
    match task["job"]:
        case "upload" | "download":
            content = content_of(task["size"])
            client.upload("warm", content[:KIB], 1)
            if task["job"] == "upload":
                meter.start()
                client.upload("big", content, concurrency)
                return meter.stop()
            room = memoryview(bytearray(content))  # touched, so that the meter sees only what the client adds
            meter.start()
            client.download("big", room, concurrency)
            return meter.stop()
        case "small":
            works = [client.operation(task["kind"], worker, content_of(KIB)) for worker in range(concurrency)]
        case "write files" | "read files":
            content, method = content_of(task["size"]), task["job"].partition(" ")[0] + "_small"
            numbers = iter(range(task["count"]))
            one: Any = getattr(client, method)
            extra = (content,) if method == "write_small" else ()
            works = [lambda: one(next(numbers), *extra)] * concurrency
    return _at_once(works, task["count"], meter)


def _at_once(works: list[Callable[[], object]], count: int, meter: Meter) -> Any:
    """``count`` calls in all, each work in a thread of its own."""
    turns, took = iter(range(count)), list[float]()
    failures: list[BaseException] = []

    def loop(work: Callable[[], object]) -> None:
        try:
            for _ in turns:
                began = time.perf_counter()
                work()
                took.append(time.perf_counter() - began)
        except BaseException as error:  # noqa: BLE001 - raised below, in the main thread
            failures.append(error)

    threads = [threading.Thread(target=loop, args=(work,)) for work in works]
    meter.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sample = meter.stop()
    if failures:
        raise failures[0]
    return {
        **sample,
        **latencies(took),
        "rate": len(took) / sample["wall_s"],
        "cpu_us": sample["cpu_s"] / len(took) * 1e6,
    }


async def _job_async(client: Any, task: Task) -> Any:
    meter, concurrency = Meter(), task.get("concurrency", 1)
    match task["job"]:
        case "upload" | "download":
            content = content_of(task["size"])
            await client.upload("warm", content[:KIB], 1)
            if task["job"] == "upload":
                meter.start()
                await client.upload("big", content, concurrency)
                return meter.stop()
            room = memoryview(bytearray(content))
            meter.start()
            await client.download("big", room, concurrency)
            return meter.stop()
        case "small":
            works = [await client.operation(task["kind"], worker, content_of(KIB)) for worker in range(concurrency)]
        case "write files" | "read files":
            content, method = content_of(task["size"]), task["job"].partition(" ")[0] + "_small"
            numbers = iter(range(task["count"]))
            one: Any = getattr(client, method)
            extra = (content,) if method == "write_small" else ()
            works = [lambda: one(next(numbers), *extra)] * concurrency
    return await _at_once_async(works, task["count"], meter)


async def _at_once_async(works: list[Callable[[], Awaitable[object]]], count: int, meter: Meter) -> Any:
    """``count`` calls in all, each work in a task of its own."""
    turns, took = iter(range(count)), list[float]()

    async def loop(work: Callable[[], Awaitable[object]]) -> None:
        for _ in turns:
            began = time.perf_counter()
            await work()
            took.append(time.perf_counter() - began)

    meter.start()
    await asyncio.gather(*map(loop, works))
    sample = meter.stop()
    return {
        **sample,
        **latencies(took),
        "rate": len(took) / sample["wall_s"],
        "cpu_us": sample["cpu_s"] / len(took) * 1e6,
    }


CLIENTS: dict[str, Callable[[Task], Any]] = {
    "fast": lambda task: job(Ours(task, "fast"), task),
    "httpx": lambda task: job(Ours(task, "httpx"), task),
    "fast async": lambda task: job(OursAsync(task, "fast"), task),
    "httpx async": lambda task: job(OursAsync(task, "httpx"), task),
    "fast async, atomic": lambda task: job(OursAsync(task, "fast", {}), task),
    "fast async, 2026": lambda task: job(OursAsync(task, "fast", api_version="2026-06-06"), task),
    "SDK": lambda task: job(Sdk(task), task),
    "SDK aio": lambda task: _in_loop(SdkAio, task),
    **{name: lambda task, name=name: bare.job(name, task) for name in bare.CARRIERS},
}


async def _in_loop(make: Callable[[Task], Any], task: Task) -> Any:
    return await job(make(task), task)
