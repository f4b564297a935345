"""Whole trees of small files up, in line and down: our flows, the official SDK in a loop, and rclone.

    python benchmarks/trees.py [--quick]

10,000 files of 4 KiB in 100 directories, 32 requests at once for all. By default ours writes each file aside and renames
it, and keeps the times; "in place, no times" does as little as the SDK's loop, which makes the directories, uploads file by
file in as many tasks, and downloads likewise. "2026" speaks service version 2026-06-06, which takes a small file's data
along when it is created. rclone's time is that of its whole process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import programs
from measuring import CLIENT_CORE, Goal, Missing, Sample, Section, measure, options, show, spread
from running import Meter
from serving import ROOT, Served, pinned, simulator

KIB = 1024
AT_ONCE = 32
UP = ("fast async", "fast async, in place, no times", "fast async, 2026", "fast", "SDK aio")
DOWN = ("fast async", "fast", "SDK aio")
_number = count()


def sections(given: argparse.Namespace) -> list[Section]:
    many = 300 if given.quick else 10_000
    with simulator() as served, tempfile.TemporaryDirectory(dir=_memory_folder()) as folder:
        home, tree = Path(folder) / "home", Path(folder) / "tree"
        home.mkdir()
        for number in range(many):
            place = tree / f"d{number % 100:02}" / f"file-{number:05}"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(os.urandom(4 * KIB))
        seed = f"seed-{next(_number)}"
        _run("fast async", "up", served, tree, seed)
        return [
            _section(
                "up",
                f"Upload of {many:,} files of 4 KiB in 100 directories",
                many,
                given.rounds,
                {
                    **{name: partial(_up, name, served, tree) for name in UP},
                    "rclone": partial(_rclone_up, served, home, tree),
                },
            ),
            _section(
                "down",
                f"Download of {many:,} files of 4 KiB in 100 directories",
                many,
                given.rounds,
                {
                    **{name: partial(_down, name, served, Path(folder), seed) for name in DOWN},
                    "rclone": partial(_rclone_down, served, home, Path(folder), seed),
                },
            ),
            _section(
                "in line",
                f"A sync of {many:,} files that are in line already",
                many,
                given.rounds,
                {
                    "fast async": partial(_run, "fast async", "sync", served, tree, seed),
                    "rclone": partial(_rclone_again, served, home, tree, seed),
                },
            ),
        ]


def _section(job: str, title: str, many: int, rounds: int, candidates: dict[str, Callable[[], Sample]]) -> Section:
    results = measure(candidates, rounds)
    peer = "rclone" if job == "in line" else "SDK aio"
    made = Section(
        title,
        f"{AT_ONCE} requests at once. Ratios are to {peer} in the same round.",
        ("client", f"rate / {peer}", f"CPU / {peer}", "files/s", "CPU us a file"),
        missing=results.missing,
    )
    for samples in results.samples.values():
        for sample in samples:
            sample["rate"] = many / sample["wall_s"]
            sample["cpu_us"] = sample["cpu_s"] / many * 1e6
    for name in results.samples:
        made.rows.append(
            (
                name,
                spread(results.ratios(name, peer, "rate")),
                spread(results.ratios(name, peer, "cpu_us")),
                spread(results.figures(name, "rate"), 4),
                spread(results.figures(name, "cpu_us"), 4),
            )
        )
    if peer in results.samples and job != "in line":
        name = "fast async, in place, no times" if job == "up" else "fast async"
        made.goals.append(Goal(f"tree {job}, {name}: rate / {peer}", results.ratio(name, peer, "rate"), 5))
    return made


# --- the candidates -----------------------------------------------------------------------------------------------


def _up(name: str, served: Served, tree: Path) -> Sample:
    return _run(name, "up", served, tree, f"up-{next(_number)}")


def _down(name: str, served: Served, folder: Path, remote: str) -> Sample:
    return _run(name, "down", served, _fresh(folder), remote)


def _fresh(folder: Path) -> Path:
    """A local place that no run has used; what the last one left is removed, as it lies in memory."""
    for old in folder.glob("down-*"):
        shutil.rmtree(old)
    return folder / f"down-{next(_number)}"


def _rclone_up(served: Served, home: Path, tree: Path) -> Sample:
    return _rclone(served, home, str(tree), f"REMOTE:rclone-{next(_number)}")


def _rclone_down(served: Served, home: Path, folder: Path, remote: str) -> Sample:
    return _rclone(served, home, f"REMOTE:{remote}", str(_fresh(folder)))


def _rclone_again(served: Served, home: Path, tree: Path, remote: str) -> Sample:
    return _rclone(served, home, str(tree), f"REMOTE:{remote}")


def _rclone(served: Served, home: Path, source: str, destination: str) -> Sample:
    return programs.rclone(
        served, home, ("copy", f"--transfers={AT_ONCE}", f"--checkers={AT_ONCE}", source, destination)
    )


def _run(name: str, job: str, served: Served, local: Path, remote: str) -> Sample:
    """Let a client do its job in a process of its own, on the client's core."""
    task = {"client": name, "job": job, "local": str(local), "remote": remote, **served.for_clients}
    ended = subprocess.run(
        [*pinned(CLIENT_CORE), sys.executable, __file__, "--child", json.dumps(task)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=1800,
        check=False,
    )
    if ended.returncode == 3:
        raise Missing(ended.stderr.strip().splitlines()[-1])
    if ended.returncode:
        raise RuntimeError(f"{name} failed at {job}:\n{ended.stderr[-4000:]}")
    sample: Sample = json.loads(ended.stdout.splitlines()[-1])
    return sample


# --- in their own processes ---------------------------------------------------------------------------------------


def _child(task: dict[str, Any]) -> Sample:
    work = _sdk if task["client"] == "SDK aio" else _ours_blocking if task["client"] == "fast" else _ours
    return work(task) if work is _ours_blocking else asyncio.run(work(task))


def _options_of(client: str) -> dict[str, Any]:
    return {"atomic": False, "keep_times": False} if "in place" in client else {}


def _version_of(client: str) -> dict[str, Any]:
    return {"api_version": "2026-06-06"} if client.endswith("2026") else {}


async def _ours(task: dict[str, Any]) -> Sample:
    import azfiles

    transport = azfiles.AsyncFastTransport(ca_file=task["ca_file"], connections=AT_ONCE)
    made = azfiles.connect_async(task["connection_string"], transport=transport, **_version_of(task["client"]))
    async with made as service:
        directory, local = service.share("bench").directory(task["remote"]), Path(task["local"])
        meter = Meter()
        meter.start()
        if task["job"] == "up":
            report = await directory.upload_tree(local, concurrency=AT_ONCE, **_options_of(task["client"]))
        elif task["job"] == "sync":
            report = await directory.sync_up(local, concurrency=AT_ONCE)
        else:
            report = await directory.download_tree(local, concurrency=AT_ONCE)
        sample = meter.stop()
        report.raise_for_failures()
        return sample


def _ours_blocking(task: dict[str, Any]) -> Sample:
    import azfiles

    transport = azfiles.FastTransport(ca_file=task["ca_file"], connections=AT_ONCE)
    with azfiles.connect(task["connection_string"], transport=transport) as service:
        directory, local = service.share("bench").directory(task["remote"]), Path(task["local"])
        meter = Meter()
        meter.start()
        if task["job"] == "up":
            report = directory.upload_tree(local, concurrency=AT_ONCE)
        else:
            report = directory.download_tree(local, concurrency=AT_ONCE)
        sample = meter.stop()
        report.raise_for_failures()
        return sample


async def _sdk(task: dict[str, Any]) -> Sample:
    from azure.storage.fileshare.aio import ShareServiceClient

    async with ShareServiceClient.from_connection_string(task["connection_string"]) as service:
        share, local, remote = service.get_share_client("bench"), Path(task["local"]), task["remote"]
        paths = _paths(local)
        meter = Meter()
        meter.start()
        if task["job"] == "up":
            await share.create_directory(remote)
            for directory in (path for path, is_directory in paths if is_directory):
                await share.create_directory(f"{remote}/{directory.relative_to(local).as_posix()}")

            async def one(path: Path) -> None:
                name = f"{remote}/{path.relative_to(local).as_posix()}"
                await share.get_file_client(name).upload_file(_read(path))

            await _at_once(one, (path for path, is_directory in paths if not is_directory))
        else:
            names: list[str] = []
            async for item in share.list_directories_and_files(remote):
                (local / item.name).mkdir(parents=True)
                below = share.get_directory_client(f"{remote}/{item.name}")
                names += [f"{item.name}/{each.name}" async for each in below.list_directories_and_files()]

            async def fetch(name: str) -> None:
                stream = await share.get_file_client(f"{remote}/{name}").download_file()
                (local / name).write_bytes(await stream.readall())

            await _at_once(fetch, names)
        return meter.stop()


def _paths(folder: Path) -> list[tuple[Path, bool]]:
    """All below a folder, and whether they are directories."""
    return sorted((path, path.is_dir()) for path in folder.rglob("*"))


def _read(path: Path) -> bytes:
    """As loops do it: not in a thread, for the folder is in memory."""
    return path.read_bytes()


async def _at_once(one: Callable[[Any], Awaitable[None]], items: Iterable[Any]) -> None:
    """All of them, as many at once as everybody has."""
    left = iter(items)

    async def loop() -> None:
        for item in left:
            await one(item)

    await asyncio.gather(*(loop() for _ in range(AT_ONCE)))


def _memory_folder() -> str | None:
    """A folder in memory, so that no disk is measured."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> None:
    if sys.argv[1:2] != ["--child"]:
        show(sections(options(__doc__)))
        return
    try:
        sample = _child(json.loads(sys.argv[2]))
    except ImportError as missing:
        print(f"{missing.name or missing} is not installed", file=sys.stderr)
        sys.exit(3)
    print(json.dumps(sample))
    sys.stdout.flush()
    os._exit(0)  # what a library does at its end is not measured


if __name__ == "__main__":
    main()
