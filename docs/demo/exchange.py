"""A tree and a large file to the share and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from material import sha256
from report import Report

from azfiles import DirectoryClient, DirectoryEntry, ShareClient

WORKERS = 8
PAGE_SIZE = 50


def upload(report: Report, share: ShareClient, tree: dict[str, Path], large: Path) -> None:
    folders = {str(parent) for name in tree for parent in PurePosixPath("tree", name).parents} - {"."}
    began = time.perf_counter()
    for folder in sorted(folders):
        share.directory(folder).create()
    total = sum(path.stat().st_size for path in tree.values())
    with report.progress("tree", total) as bar, ThreadPoolExecutor(WORKERS) as pool:

        def put(name: str, path: Path) -> None:
            share.file(f"tree/{name}").upload(path, progress=bar.advance)

        list(pool.map(put, tree.keys(), tree.values()))
    seconds = time.perf_counter() - began
    report.fact("tree", f"{len(folders)} directories, {len(tree)} files, {total:,} bytes in {seconds:.2f} s")

    began = time.perf_counter()
    size = large.stat().st_size
    with report.progress("large file", size) as bar:
        share.file("large.bin").upload(large, progress=bar.advance)
    report.rate("large file, ranges of 4 MiB", size, time.perf_counter() - began)


def download_and_compare(report: Report, share: ShareClient, tree: dict[str, Path], large: Path) -> None:
    began = time.perf_counter()
    pages = 0
    listed: dict[str, int] = {}
    for names in list_tree(share.directory("tree"), ""):
        pages += 1
        listed.update(names)
    report.fact("listed", f"{len(listed)} files on {pages} pages of at most {PAGE_SIZE} entries")
    report.check("the listing has exactly the names that went up", listed.keys() == tree.keys())
    report.check(
        "every listed size is the file's own", all(path.stat().st_size == listed[name] for name, path in tree.items())
    )
    total = sum(listed.values())
    with report.progress("tree", total) as bar, ThreadPoolExecutor(WORKERS) as pool:

        def same(name: str, path: Path) -> bool:
            content = share.file(f"tree/{name}").download()
            bar.advance(len(content))
            return sha256(content) == sha256(path.read_bytes())

        equal = sum(pool.map(same, tree.keys(), tree.values()))
    report.fact("read back", f"{total:,} bytes in {time.perf_counter() - began:.2f} s, listing included")
    report.check(f"SHA-256 of all {len(tree)} files as on disk", equal == len(tree))

    began = time.perf_counter()
    with TemporaryDirectory() as folder, report.progress("large file", large.stat().st_size) as bar:
        copy = Path(folder) / "large.bin"
        downloaded = share.file("large.bin").download_to(copy, progress=bar.advance)
        report.rate("large file", downloaded.size, time.perf_counter() - began)
        report.check("SHA-256 of the large file as on disk", sha256(copy.read_bytes()) == sha256(large.read_bytes()))


def list_tree(directory: DirectoryClient, prefix: str) -> Iterator[dict[str, int]]:
    """Pages of everything below a directory, as sizes by path."""
    marker: str | None = None
    while True:
        page = directory.list_page(marker=marker, page_size=PAGE_SIZE)
        folders = [entry.name for entry in page.entries if isinstance(entry, DirectoryEntry)]
        yield {prefix + entry.name: entry.size for entry in page.entries if not isinstance(entry, DirectoryEntry)}
        for name in folders:
            yield from list_tree(directory.directory(name), f"{prefix}{name}/")
        if page.next_marker is None:
            return
        marker = page.next_marker
