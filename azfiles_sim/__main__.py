"""``azfiles-sim`` and ``python -m azfiles_sim``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azfiles_sim.inspector import Inspection

USAGE = """\
usage: azfiles-sim serve [options]
       azfiles-sim explore [options]

A simulator of Azure Files' REST API: serve it, or search it for a history that no correct service could have given.
The options are told by azfiles-sim serve --help once all parts are there, and by azfiles-sim explore --help.
"""


def main() -> int:
    """Run the command line and return the exit status."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["explore"]:
        from azfiles_sim.explore import main as explore

        return explore(arguments[1:])
    try:
        from azfiles_sim.server.command import run
    except ModuleNotFoundError as error:
        if not arguments or not {"-h", "--help"}.isdisjoint(arguments):
            print(USAGE)
        print(f"azfiles-sim: {error.name} is missing; install azfiles-toolkit[server]", file=sys.stderr)
        return 2
    return run(arguments, inspection=_inspection)


def _inspection() -> Inspection:
    """The inspector. What opens cassettes for it knows both sides of this house, which is why they meet here."""
    from azfiles_sim.inspector import Inspection
    from azfiles_sim.testing.cassettes.beside import open_beside

    return Inspection(open_beside)


if __name__ == "__main__":
    sys.exit(main())
