"""What a writer does to a share of its own, and what must be there afterwards: a naive dictionary, written apart."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from azfiles import ServiceClient

BLOCK = 3 * 512
BLOCKS = 6
SIZE = BLOCK * BLOCKS
NAMES = ("a", "b", "c", "d")
MAX_SNAPSHOTS = 3

Operation = dict[str, Any]


@dataclass(frozen=True)
class FileState:
    """``blocks`` are the numbers of the writes that filled them, 0 for never."""

    label: int = 0
    blocks: tuple[int, ...] = (0,) * BLOCKS


@dataclass(frozen=True)
class ShareState:
    """``count`` is in the share's metadata; ``snapshots`` are the files at each, oldest first."""

    count: int = 0
    files: dict[str, FileState] = field(default_factory=dict)
    snapshots: tuple[dict[str, FileState], ...] = ()


def choose(random: Random, state: ShareState, number: int) -> Operation:
    """The next operation, always one that must succeed in this state."""
    here = sorted(state.files)
    free = [name for name in NAMES if name not in state.files]
    kinds = ["count"]
    if free:
        kinds += ["create"] * 3
    if here:
        kinds += ["put"] * 8 + ["clear", "label", "copy", "rename", "rename", "delete"]
    kinds += ["snapshot"] if len(state.snapshots) < MAX_SNAPSHOTS else ["drop_snapshot"]
    kind = random.choice(kinds)
    operation: Operation = {"kind": kind, "number": number}
    if kind == "create":
        operation["name"] = random.choice(free)
    elif kind in {"put", "clear", "label", "copy", "rename", "delete"}:
        operation["name"] = random.choice(here)
    if kind in {"put", "clear"}:
        operation["first"] = random.randrange(BLOCKS)
        operation["after"] = random.randint(operation["first"] + 1, BLOCKS)
    if kind in {"copy", "rename"}:
        operation["to"] = random.choice([name for name in NAMES if name != operation["name"]])
    return operation


def perform(service: ServiceClient, share: str, operation: Operation) -> None:
    """Ask the service for it."""
    client = service.share(share)
    kind, number = operation["kind"], operation["number"]
    file = client.file(operation.get("name", "none"))
    if kind == "count":
        client.set_metadata({"count": str(number)})
    elif kind == "create":
        file.create(SIZE, metadata={"label": str(number)})
    elif kind == "put":
        count = operation["after"] - operation["first"]
        file.put_range(operation["first"] * BLOCK, fill(number) * count)
    elif kind == "clear":
        file.clear_range(operation["first"] * BLOCK, (operation["after"] - operation["first"]) * BLOCK)
    elif kind == "label":
        file.set_metadata({"label": str(number)})
    elif kind == "copy":
        client.file(operation["to"]).start_copy(file.url)
    elif kind == "rename":
        file.rename(operation["to"], replace=True)
    elif kind == "delete":
        file.delete()
    elif kind == "snapshot":
        client.create_snapshot()
    else:
        client.snapshot(taken_snapshots(service, share)[0]).delete()


def after(state: ShareState, operation: Operation) -> ShareState:
    """What the share is once the operation is done."""
    kind, number = operation["kind"], operation["number"]
    files = dict(state.files)
    name = operation.get("name", "")
    if kind == "count":
        return replace(state, count=number)
    if kind == "snapshot":
        return replace(state, snapshots=(*state.snapshots, files))
    if kind == "drop_snapshot":
        return replace(state, snapshots=state.snapshots[1:])
    if kind == "create":
        files[name] = FileState(label=number)
    elif kind in {"put", "clear"}:
        blocks = list(files[name].blocks)
        count = operation["after"] - operation["first"]
        blocks[operation["first"] : operation["after"]] = [number if kind == "put" else 0] * count
        files[name] = replace(files[name], blocks=tuple(blocks))
    elif kind == "label":
        files[name] = replace(files[name], label=number)
    elif kind == "copy":
        files[operation["to"]] = files[name]
    elif kind == "rename":
        files[operation["to"]] = files.pop(name)
    else:
        del files[name]
    return replace(state, files=files)


def found(service: ServiceClient, share: str) -> ShareState:
    """What the share is, by what the service answers. Raises AssertionError for a block that is torn."""
    client = service.share(share)
    snapshots = tuple(_files(client.snapshot(taken)) for taken in taken_snapshots(service, share))
    return ShareState(int(client.get_metadata().metadata.get("count", "0")), _files(client), snapshots)


def taken_snapshots(service: ServiceClient, share: str) -> list[str]:
    items = service.list_shares(prefix=share, include=("snapshots",))
    return [item.snapshot for item in items if item.name == share and item.snapshot]


def fill(number: int) -> bytes:
    return number.to_bytes(8, "big") * (BLOCK // 8)


def _files(client: Any) -> dict[str, FileState]:
    states: dict[str, FileState] = {}
    for entry in client.root.list():
        file = client.file(entry.name)
        data = bytes(file.get().content)
        assert len(data) == SIZE
        numbers = [int.from_bytes(data[at : at + 8], "big") for at in range(0, SIZE, BLOCK)]
        assert data == b"".join(map(fill, numbers)), f"a write is torn in {share_of(client)}/{entry.name}: {numbers}"
        states[entry.name] = FileState(int(file.get_metadata().metadata["label"]), tuple(numbers))
    return states


def share_of(client: Any) -> str:
    return str(client.name)
