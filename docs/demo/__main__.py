"""The whole of azfiles on real files: ``make demo``.

Served over HTTPS, through the real HTTP client: a tree and a large file go up and come back, ranges are edited, a share
snapshot is read, leases and signatures are refused what they do not allow. Then the metadata part is recorded, the
server stopped, and the recording replayed; and the same program runs in process under virtual time. Every comparison
is made anew from the files; one mismatch ends the run with exit code 1.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from exchange import download_and_compare, upload
from guards import edit_and_snapshot, meet_leases, meet_signatures
from material import gather_tree, make_large_file
from report import Mismatch, Report
from served import serve
from sessions import record_and_replay, run_in_virtual_time

import azfiles


def main() -> int:
    report = Report()
    try:
        with tempfile.TemporaryDirectory(prefix="azfiles-demo-") as folder:
            run(report, Path(folder))
    except Mismatch as mismatch:
        report.fail(str(mismatch))
        return 1
    report.finish()
    return 0


def run(report: Report, folder: Path) -> None:
    tree = gather_tree()
    with report.part("Material"):
        large = make_large_file(folder / "large.bin")
        report.fact("tree", f"{len(tree)} files of Python's own sources, {sum(map(len_of, tree.values())):,} bytes")
        report.fact("large file", f"{large.stat().st_size / 2**20:.1f} MiB of real files joined")

    with serve(folder / "ca") as server:
        transport = azfiles.HttpxTransport(ca_file=server.ca_file)
        with azfiles.connect(server.connection_string, transport=transport) as client:
            share = client.share("demo")
            share.create(quota_gib=10)
            with report.part(f"1. Up, over HTTPS to {server.endpoint}"):
                upload(report, share, tree, large)
            with report.part("2. List page by page, down again, compare"):
                download_and_compare(report, share, tree, large)
            with report.part("3. Ranges, resize, share snapshot"):
                edit_and_snapshot(report, share)
            with report.part("3. Leases"):
                meet_leases(report, share)
            with report.part("3. Shared access signatures"):
                meet_signatures(report, share, server)
        with report.part("4. Record, stop the server, replay"):
            record_and_replay(report, server, folder / "metadata.yaml")
    with report.part("5. The same program in process, under virtual time"):
        run_in_virtual_time(report)


def len_of(path: Path) -> int:
    return path.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
