"""Record all cassettes of this folder anew: ``python cassettes``, in the repository.

Those of the simulator come out byte for byte as they were, unless the simulator or the client changed. Those of Azurite
need Node and ``npm ci`` in ``tests/oracle/node``; ``python cassettes --simulator`` leaves them as they are.
"""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from azfiles_sim.testing.cassettes.scripting import record_script  # noqa: E402 - after the path to what is imported

NO_SESSIONS = frozenset({"__main__", "refusals"})


def scripts() -> list[Path]:
    """The sessions of the simulator."""
    return sorted(path for path in FOLDER.glob("*.py") if path.stem not in NO_SESSIONS)


def main() -> None:
    for script in scripts():
        record_script(script, script.with_suffix(".yaml"))
    if "--simulator" in sys.argv[1:]:
        return
    from tests.cassettes_of_ours import azurite_sessions
    from tests.oracle.azurite import Azurite

    with Azurite() as azurite:
        for name in azurite_sessions.SESSIONS:
            azurite_sessions.record(name, azurite_sessions.path_of(name), azurite)


if __name__ == "__main__":
    main()
