"""One machine for each area that Blob and Files share."""

from __future__ import annotations

from typing import Final

from tests.oracle.machines.base import OracleMachine
from tests.oracle.machines.credentials import Auth, Sas
from tests.oracle.machines.files import Bytes, Ranges
from tests.oracle.machines.leases import FileLease, ShareLease
from tests.oracle.machines.properties import EtagMetadata
from tests.oracle.machines.shares import Lifecycle, ShareList

MACHINES: Final[dict[str, type[OracleMachine]]] = {
    machine.__name__: machine
    for machine in (Auth, Sas, ShareLease, FileLease, Ranges, Bytes, EtagMetadata, ShareList, Lifecycle)
}
