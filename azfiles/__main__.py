"""``azfiles`` and ``python -m azfiles``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return the exit status."""
    try:
        from azfiles.cli.entry import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while modules are imported; of what comes later the commands tell themselves
        sys.stderr.write("azfiles: stopped\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
