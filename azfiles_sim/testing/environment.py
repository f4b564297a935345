"""Which target a run is pointed at: told by environment variables, as a connection string on a command line would show.

- nothing: a simulator in this process, a new one for each claim
- ``AZFILES_ENDPOINT``: the connection string of a served simulator or of anybody's emulator
- ``AZFILES_LIVE_CONNECTION_STRING``: that of a real account
- ``AZFILES_CAPABILITIES``: what the endpoint can do beyond answering requests, by names joined by commas
- ``AZFILES_API_VERSION``: the service version to speak, where the client's default is too new
- ``AZFILES_CA_FILE``: certificates (PEM) to trust beside the usual ones
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from azfiles_sim.testing.targets import Capability, EndpointTarget, MakeTarget, SimulatorTarget

ENDPOINT: Final = "AZFILES_ENDPOINT"
LIVE: Final = "AZFILES_LIVE_CONNECTION_STRING"
CAPABILITIES: Final = "AZFILES_CAPABILITIES"
API_VERSION: Final = "AZFILES_API_VERSION"
CA_FILE: Final = "AZFILES_CA_FILE"

DECLARABLE: Final = frozenset({Capability.ACCOUNT_SETTINGS, Capability.BEARER_TOKENS, Capability.NEWEST_VERSION})
"""What may be said of an endpoint. The others need more than requests, and so a ``Target`` class of your own."""


def target_maker(environ: Mapping[str, str] = os.environ) -> MakeTarget:
    """What makes the target that the environment names. Raises ValueError, which shows no secret, where the variables
    contradict each other or cannot be used.
    """
    named = [variable for variable in (ENDPOINT, LIVE) if environ.get(variable)]
    if len(named) == 2:
        raise ValueError(f"{ENDPOINT} and {LIVE} are both set; a run has one target")
    if not named:
        return SimulatorTarget
    [variable] = named
    connection_string = environ[variable]
    name = "real account" if variable == LIVE else "endpoint"
    capabilities = _declared(environ.get(CAPABILITIES, ""))
    options: dict[str, Any] = {}
    if environ.get(API_VERSION):
        options["api_version"] = environ[API_VERSION]
    if environ.get(CA_FILE):
        options["ca_file"] = environ[CA_FILE]

    def make() -> EndpointTarget:
        return EndpointTarget.at(connection_string, name=name, capabilities=capabilities, **options)

    make()  # a string that cannot be used is told once, and not by every claim
    return make


def _declared(text: str) -> frozenset[Capability]:
    known = {capability.name.lower().replace("_", "-"): capability for capability in sorted(DECLARABLE)}
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise ValueError(f"{CAPABILITIES} has {name!r}, which is none of {', '.join(sorted(known))}")
    return frozenset(known[name] for name in names)


__all__ = ["API_VERSION", "CAPABILITIES", "CA_FILE", "DECLARABLE", "ENDPOINT", "LIVE", "target_maker"]
