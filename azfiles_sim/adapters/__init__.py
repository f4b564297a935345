"""Ways into a simulator for code that has a client of its own: no server, no socket, no port.

    from azure.storage.fileshare import ShareServiceClient
    from azfiles_sim import Simulator
    from azfiles_sim.adapters import azure_core_transport

    simulator = Simulator()
    service = ShareServiceClient(URL, credential=KEY, transport=azure_core_transport(simulator))

The client keeps its own pipeline: it signs, retries, parses and raises as it does against Azure. The URL may be
Azure's own (``https://<account>.file.core.windows.net``) or path style; its host and scheme are only read.

Anything in the shape of a simulator will do. So the same adapter records and replays, with the client's transports:

    transport = azfiles.use_cassette("session.yaml", azfiles.HttpxTransport(), mode="once")
    service = ShareServiceClient(URL, credential=KEY, transport=azure_core_transport(azfiles.as_handler(transport)))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azfiles_sim.adapters.azure_core import AsyncSimulatorTransport, SimulatorTransport
    from azfiles_sim.adapters.exchange import Simulated


def azure_core_transport(simulator: Simulated) -> SimulatorTransport:
    """A transport for azure-core's pipelines (``transport=`` of every Azure SDK client) that asks ``simulator``.

    Where its retry policies wait, a clock that can be advanced is advanced instead; otherwise they really wait. So do
    the clients that another client has made: the SDK wraps their transport and passes its ``sleep`` not on. Make them
    directly, or with ``retry_total=0``. The client dates its requests by the machine's clock: a ``ManualClock`` has to
    be within a quarter of an hour of it, and waiting moves it on.

    One transport may serve several clients. Needs azure-core (the extra ``adapters``); raises ImportError without it.
    """
    from azfiles_sim.adapters.azure_core import SimulatorTransport

    return SimulatorTransport(simulator)


def async_azure_core_transport(simulator: Simulated) -> AsyncSimulatorTransport:
    """The same for the clients in ``azure.storage.fileshare.aio``. The simulator answers in the event loop's thread."""
    from azfiles_sim.adapters.azure_core import AsyncSimulatorTransport

    return AsyncSimulatorTransport(simulator)


__all__ = ["async_azure_core_transport", "azure_core_transport"]
