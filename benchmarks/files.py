"""Many small files, and whole programs: our client, the official SDK, rclone and azcopy.

    python benchmarks/files.py [--quick]

Small files: 10,000 of 4 KiB, 32 at once. Programs: their whole process, from and to a folder in memory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path

import programs
from clients import content_of
from measuring import MIB, Goal, Sample, Section, measure, options, show, spread
from running import run
from serving import Served, simulator

KIB = 1024
CLIENTS = ("fast async", "fast", "httpx async", "httpx", "SDK aio", "SDK")
# The SDK writes in place, in two requests. "atomic" is our default: beside the file, then renamed; "2026" speaks service
# version 2026-06-06, where one request creates the file with its data: whole or not at all, with no other name.
MORE = {"write": ("fast async, atomic", "fast async, 2026"), "read": ()}
_number = count()


def sections(given: argparse.Namespace) -> list[Section]:
    many = 300 if given.quick else 10_000
    size = (32 if given.quick else 1024) * MIB
    with simulator() as served, tempfile.TemporaryDirectory(dir=_memory_folder()) as folder:
        return [
            *(small_files(served, verb, many, given.rounds) for verb in ("write", "read")),
            *whole_programs(served, Path(folder), size, many, given.rounds),
        ]


def small_files(served: Served, verb: str, many: int, rounds: int) -> Section:
    candidates = {
        name: partial(run, name, f"{verb} files", served, count=many, size=4 * KIB, concurrency=32)
        for name in (*CLIENTS, *MORE[verb])
    }
    results = measure(candidates, rounds)
    made = Section(
        f"{many:,} files of 4 KiB: {verb}, 32 at once",
        "One call of each client's own upload or download for each file; written in place, as the SDK does, unless said.",
        ("client", "rate / SDK aio", "CPU / SDK aio", "files/s", "CPU us a file"),
        missing=results.missing,
    )
    for name in results.samples:
        made.rows.append(
            (
                name,
                spread(results.ratios(name, "SDK aio", "rate")),
                spread(results.ratios(name, "SDK aio", "cpu_us")),
                spread(results.figures(name, "rate"), 4),
                spread(results.figures(name, "cpu_us"), 4),
            )
        )
    ratio = results.ratio("fast async", "SDK aio", "rate")
    made.goals.append(Goal(f"fast async, {verb} {many:,} small files: rate / SDK aio", ratio, 5))
    for name in ("fast async", *(name for name in MORE[verb] if "atomic" not in name)):
        ratio = results.ratio(name, "SDK aio", "cpu_us")
        made.goals.append(Goal(f"{name}, {verb} {many:,} small files: CPU / SDK aio", ratio, 0.2, at_least=False))
    return made


def whole_programs(served: Served, folder: Path, size: int, many: int, rounds: int) -> list[Section]:
    big, tree, home = folder / "big", folder / "tree", folder / "home"
    home.mkdir()
    tree.mkdir()
    piece = content_of(min(size, 32 * MIB))
    with big.open("wb") as writing:
        for _ in range(size // len(piece)):
            writing.write(piece)
    for number in range(many):
        (tree / f"file-{number:05}").write_bytes(content_of(4 * KIB))

    def fresh(kind: str) -> Path:
        """A place that no run has used; what the last one left there is removed, as it lies in memory."""
        for old in folder.glob(f"{kind}-*"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        return folder / f"{kind}-{next(_number)}"

    def candidates(
        *commands: tuple[str, Callable[..., Sample], Callable[[], Sequence[str]]],
    ) -> dict[str, Callable[[], Sample]]:
        return {
            name: lambda program=program, arguments=arguments: program(served, home, arguments())
            for name, program, arguments in commands
        }

    jobs = {
        f"upload of one file of {size // MIB} MiB": candidates(
            ("ours", programs.ours, lambda: ("upload", str(big), "prog-ours")),
            ("rclone", programs.rclone, lambda: ("copyto", str(big), f"REMOTE:prog-rclone-{next(_number)}")),
            ("azcopy", programs.azcopy, lambda: ("copy", str(big), "URL/prog-azcopy", "--from-to=LocalFile")),
        ),
        f"download of one file of {size // MIB} MiB": candidates(
            ("ours", programs.ours, lambda: ("download", "prog-ours", str(fresh("down")))),
            ("rclone", programs.rclone, lambda: ("copyto", "REMOTE:prog-ours", str(fresh("down")))),
            ("azcopy", programs.azcopy, lambda: ("copy", "URL/prog-ours", str(fresh("down")), "--from-to=FileLocal")),
        ),
        f"upload of a tree of {many:,} files of 4 KiB": candidates(
            ("ours", programs.ours, lambda: ("upload-tree", str(tree), f"tree-{next(_number)}")),
            ("rclone", programs.rclone, lambda: ("copy", "--transfers=16", str(tree), f"REMOTE:tree-{next(_number)}")),
            ("azcopy", programs.azcopy, lambda: ("copy", f"{tree}/*", "URL/tree-azcopy", "--from-to=LocalFile")),
        ),
    }
    return [program_section(job, made, rounds) for job, made in jobs.items()]


def program_section(job: str, candidates: dict[str, Callable[[], Sample]], rounds: int) -> Section:
    results = measure(candidates, rounds)
    made = Section(
        f"Programs: {job}",
        "Ratios are ours to the program in the same round, so less is better; the time is of the whole process.",
        ("program", "ours: time", "ours: CPU", "ours: memory", "s", "CPU s", "peak MiB"),
        missing=results.missing,
    )
    for name in results.samples:
        made.rows.append(
            (
                name,
                *(spread(results.ratios("ours", name, figure)) for figure in ("wall_s", "cpu_s", "peak_mib")),
                *(spread(results.figures(name, figure)) for figure in ("wall_s", "cpu_s", "peak_mib")),
            )
        )
        if name != "ours":
            for figure, text in (("wall_s", "time"), ("cpu_s", "CPU"), ("peak_mib", "memory")):
                ratio = results.ratio("ours", name, figure)
                made.goals.append(Goal(f"{job}: our {text} / {name}", ratio, 1, at_least=False))
                if figure == "cpu_s":
                    made.bars.append((f"{job}: CPU, ours to {name}", ratio))
    return made


def _memory_folder() -> str | None:
    """A folder in memory, so that no disk is measured."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


if __name__ == "__main__":
    show(sections(options(__doc__)))
