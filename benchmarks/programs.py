"""rclone and azcopy, unmodified, against the same served simulator; and our client from files, to compare with them.

Their time is that of the whole process, start included: they have no other.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from measuring import CLIENT_CORE, MIB, Missing, Sample
from serving import ROOT, Served, peak_bytes, pinned

import azfiles
from azfiles.credentials import EMULATOR_ACCOUNT, EMULATOR_KEY

AZCOPY = ROOT / "tests/foreign/node/node_modules/@azure-tools/azcopy-linux/dist/bin/azcopy_linux_amd64"


def timed(command: Sequence[str], environment: Mapping[str, str]) -> Sample:
    """Run a program to its end; its processor time is what the kernel counted for it. Its largest memory is read while
    it runs: what the kernel tells at the end begins with the memory of this process, from which it was forked.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            [*pinned(CLIENT_CORE), *command], env={**kept, **environment}, cwd=ROOT, stdout=said, stderr=said
        )
        peak, ended = 0, threading.Event()

        def watch() -> None:
            nonlocal peak
            while not ended.wait(0.02):
                peak = max(peak, peak_bytes(process.pid))

        watching = threading.Thread(target=watch)
        watching.start()
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        ended.set()
        watching.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            text = said.read()[-3000:].decode(errors="replace")
            raise RuntimeError(f"{command[:3]} ended with {process.returncode}:\n{text}")
    return {"wall_s": wall_s, "cpu_s": used.ru_utime + used.ru_stime, "peak_mib": peak / MIB}


def rclone(served: Served, folder: Path, arguments: Sequence[str]) -> Sample:
    """``arguments`` with ``REMOTE:`` for the share."""
    program = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
    if program is None:
        raise Missing("rclone: make foreign-tools")
    settings = {
        "HOME": str(folder),
        "RCLONE_CONFIG": str(folder / "none.conf"),
        "RCLONE_AZUREFILES_SHARE_NAME": "bench",
        "RCLONE_AZUREFILES_ACCOUNT": EMULATOR_ACCOUNT,
        "RCLONE_AZUREFILES_KEY": EMULATOR_KEY,
        "RCLONE_AZUREFILES_ENDPOINT": served.endpoint,
    }
    command = [program, *(argument.replace("REMOTE:", ":azurefiles:") for argument in arguments)]
    return timed(command, settings)


def azcopy(served: Served, folder: Path, arguments: Sequence[str]) -> Sample:
    """``arguments`` with ``URL/`` for the share; its signature is put in."""
    if not AZCOPY.exists():
        raise Missing("azcopy: make foreign-tools")
    program = folder / "azcopy"
    if not program.exists():
        shutil.copyfile(AZCOPY, program)  # npm unpacks it without its execute bit
        program.chmod(0o755)
    settings = {
        "HOME": str(folder),
        "AZCOPY_LOG_LOCATION": str(folder / "logs"),
        "AZCOPY_JOB_PLAN_LOCATION": str(folder / "plans"),
        "AZCOPY_DISABLE_SYSLOG": "true",
        "AZCOPY_DOWNLOAD_TO_TEMP_PATH": "false",
    }
    url = f"{served.endpoint}/bench/"
    command = [
        f"{argument.replace('URL/', url)}?{served.sas}" if argument.startswith("URL/") else argument
        for argument in arguments
    ]
    try:
        return timed([str(program), *command, "--output-level=quiet", "--skip-version-check"], settings)
    except RuntimeError as error:
        if "libsecret" in str(error):
            raise Missing("what azcopy needs: libsecret-1-0") from None
        raise


def ours(served: Served, folder: Path, arguments: Sequence[str]) -> Sample:
    """This file's own command line, in a process of its own like the others."""
    settings = {"HOME": str(folder), "BENCH_CONNECTION": served.connection_string}
    return timed([sys.executable, __file__, *arguments], settings)


def main() -> None:
    """``upload PATH NAME``, ``download NAME PATH``, ``upload-tree FOLDER NAME``, ``download-tree NAME FOLDER``"""
    verb, first, second = sys.argv[1:]
    transport = azfiles.FastTransport(connections=32)
    with azfiles.connect(os.environ["BENCH_CONNECTION"], transport=transport) as service:
        share = service.share("bench")
        match verb:
            case "upload":
                share.file(second).upload(Path(first), concurrency=4, atomic=False)
            case "download":
                share.file(first).download_to(Path(second), concurrency=4)
            case "upload-tree":
                share.directory(second).upload_tree(Path(first), concurrency=16, atomic=False).raise_for_failures()
            case "download-tree":
                share.directory(first).download_tree(Path(second), concurrency=16).raise_for_failures()


if __name__ == "__main__":
    main()
