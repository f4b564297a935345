"""``azfiles-sim`` and ``python -m azfiles_sim``."""

from __future__ import annotations

import sys

USAGE = """\
usage: azfiles-sim serve [options]

A simulator of Azure Files' REST API. The options are told by azfiles-sim serve --help once all parts are there.
"""


def main() -> int:
    """Run the command line and return the exit status."""
    try:
        from azfiles_sim.server.command import run
    except ModuleNotFoundError as error:
        arguments = sys.argv[1:]
        if not arguments or not {"-h", "--help"}.isdisjoint(arguments):
            print(USAGE)
        print(f"azfiles-sim: {error.name} is missing; install azfiles-toolkit[server]", file=sys.stderr)
        return 2
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
