"""The operations of ``in_process``: each function does one kind many times and returns microseconds of processor time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import azfiles
from azfiles.core import directories, files, ranges
from azfiles.core.operation import Operation
from azfiles.core.requests import Context, build
from azfiles_sim import ManualClock, Simulator, pipeline

CONTENT = bytes(range(256)) * 4
SHARE = "bench"


def _microseconds(calls: list[Callable[[], object]]) -> float:
    gc.collect()
    began = time.process_time()
    for call in calls:
        call()
    return (time.process_time() - began) / len(calls) * 1e6


def _filled() -> tuple[Simulator, azfiles.ServiceClient]:
    """A simulator with a share, a file and a directory of 100, and a client of it."""
    simulator = Simulator(clock=ManualClock(datetime.now(UTC)))
    service = azfiles.connect(simulator.handle)
    share = service.share(SHARE)
    share.create()
    share.file("file").create(len(CONTENT))
    share.file("file").put_range(0, CONTENT)
    share.directory("d100").create()
    for number in range(100):
        share.file(f"d100/entry-{number:03}").create(0)
    return simulator, service


def _operation(kind: str, number: int) -> Operation[Any]:
    match kind:
        case "create":
            return files.create_file(SHARE, (f"new-{number}",), len(CONTENT))
        case "put":
            return ranges.put_range(SHARE, ("file",), 0, CONTENT)
        case "get":
            return files.get_file(SHARE, ("file",), offset=0, length=len(CONTENT))
        case _:
            return directories.list_directory(SHARE, ("d100",))


def _handle(kind: str, times: int, credential: azfiles.Credential) -> float:
    simulator, service = _filled()
    endpoint = service.target.session.endpoint
    requests = [
        build(_operation(kind, number), Context(endpoint, credential, simulator_time(simulator), f"id-{number}"))
        for number in range(times)
    ]
    first = simulator.handle(requests[0])
    if first.status >= 300:
        raise RuntimeError(f"the simulator said {first.status} {first.reason}")
    return _microseconds([lambda request=request: simulator.handle(request) for request in requests[1:]])


def simulator_time(simulator: Simulator) -> datetime:
    return datetime.fromtimestamp(simulator.clock.time(), UTC)


def handle_signed(kind: str, times: int) -> float:
    """``Simulator.handle`` with requests that are made before, signed by Shared Key."""
    return _handle(kind, times, azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY))


def handle(kind: str, times: int) -> float:
    """The same without the step that checks signatures."""
    steps = pipeline.BEFORE_LOCK
    vars(pipeline)["BEFORE_LOCK"] = tuple(step for step in steps if step is not pipeline.authenticate)
    return handle_signed(kind, times)


def _client_call(file: Any, share: Any, kind: str, number: int) -> Callable[[], Any]:
    match kind:
        case "create":
            return share.file(f"new-{number}").create
        case "put":
            return file.put_range
        case "get":
            return file.get_range
        case _:
            return share.directory("d100").list_page


_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "create": (len(CONTENT),),
    "put": (0, CONTENT),
    "get": (0, len(CONTENT)),
    "list": (),
}


def client(kind: str, times: int) -> float:
    """A method of the blocking client, down to the simulator and back."""
    _, service = _filled()
    share, arguments = service.share(SHARE), _ARGUMENTS[kind]
    calls = [_client_call(share.file("file"), share, kind, number) for number in range(times)]
    return _microseconds([lambda call=call: call(*arguments) for call in calls])


async def client_async(kind: str, times: int) -> float:
    """The same of the async client."""
    simulator, _ = _filled()
    share, arguments = azfiles.connect_async(simulator.handle).share(SHARE), _ARGUMENTS[kind]
    calls = [_client_call(share.file("file"), share, kind, number) for number in range(times)]
    gc.collect()
    began = time.process_time()
    for call in calls:
        await call(*arguments)
    return (time.process_time() - began) / len(calls) * 1e6


def moto(kind: str, times: int) -> float:
    """boto3 on moto's mock_aws: put, get and list of S3."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        s3.create_bucket(Bucket=SHARE)
        s3.put_object(Bucket=SHARE, Key="file", Body=CONTENT)
        for number in range(100 if kind == "list" else 0):
            s3.put_object(Bucket=SHARE, Key=f"d100/entry-{number:03}", Body=b"")
        call: Callable[[int], object] = {
            "create": lambda number: s3.put_object(Bucket=SHARE, Key=f"new-{number}", Body=CONTENT),
            "put": lambda _: s3.put_object(Bucket=SHARE, Key="file", Body=CONTENT),
            "get": lambda _: s3.get_object(Bucket=SHARE, Key="file")["Body"].read(),
            "list": lambda _: s3.list_objects_v2(Bucket=SHARE, Prefix="d100/"),
        }[kind]
        return _microseconds([lambda number=number: call(number) for number in range(times)])
