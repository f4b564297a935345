"""Mistakes that somebody could make in the simulator, put into it one at a time.

Each is a context manager that replaces a function, a method or a row of a table, and says by what it has to be found.
"""

from __future__ import annotations

from tests.oracle.bugs import content, credentials, leases, lists, properties, snapshots
from tests.oracle.bugs.placing import BUGS, MODEL, Bug

__all__ = ["BUGS", "MODEL", "Bug", "content", "credentials", "leases", "lists", "properties", "snapshots"]
