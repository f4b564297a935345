"""One way to write a story for the official Python SDK and have both its clients, blocking and async, act it."""

from __future__ import annotations

import base64
import functools
import inspect
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any, Self

import aiohttp
from azure.core.async_paging import AsyncItemPaged
from azure.core.credentials import AccessToken
from azure.core.paging import ItemPaged
from azure.core.pipeline.transport import AioHttpTransport, RequestsTransport
from azure.storage import fileshare
from azure.storage.fileshare import aio

from azfiles_sim import Simulator
from azfiles_sim.accounts import EMULATOR_ACCOUNT, EMULATOR_KEY, AccountSpec
from azfiles_sim.adapters import async_azure_core_transport, azure_core_transport
from azfiles_sim.server import serve_in_thread

CLIENTS = ("ShareServiceClient", "ShareClient", "ShareDirectoryClient", "ShareFileClient", "ShareLeaseClient")
COLOURS: dict[str, ModuleType] = {"blocking": fileshare, "async": aio}
TENANT = "72f988bf-0000-4000-8000-2d7cd011db47"
USER = "0b9a4e5c-0000-4000-8000-1d2e3f405162"
PREMIUM = AccountSpec("premiumaccount", "premium", (b"the key of the premium account",))
STANDARD = AccountSpec(EMULATOR_ACCOUNT, "standard", AccountSpec.from_text("any", EMULATOR_KEY).keys, 7)


class Token:
    """A credential that has one unsigned token, as the simulator's development mode takes them."""

    def __init__(self, audience: str) -> None:
        now = int(time.time())
        claims = {"iss": f"https://sts.windows.net/{TENANT}/", "aud": audience, "tid": TENANT, "oid": USER}
        parts = ({"alg": "none", "typ": "JWT"}, {**claims, "nbf": now - 60, "iat": now, "exp": now + 3600})
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        self.token = AccessToken(f"{'.'.join(encoded)}.", now + 3600)

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return self.token


class AsyncToken(Token):
    async def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return self.token

    async def close(self) -> None:
        """Nothing was opened."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Nothing was opened."""


class Watched:
    """A client of either colour. Each of its methods is awaited, whatever it is there; a paged result comes as a list.
    What was called is noted.
    """

    def __init__(self, client: Any, kit: Kit) -> None:
        self.client = client
        self.kit = kit

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.client, name)
        if not callable(member):
            return member
        self.kit.called.add((type(self.client).__name__, name))
        return functools.partial(self.kit.call, member)


class Kit:
    """A simulator, one colour of the SDK, and one way between them: in process, or over path-style HTTP."""

    def __init__(self, colour: str, simulator: Simulator, endpoint: Callable[[str], str], transport: Any) -> None:
        self.module = COLOURS[colour]
        self.simulator = simulator
        self.endpoint = endpoint
        self.options = {"transport": transport, "retry_total": 0}
        self.called: set[tuple[str, str]] = set()

    @property
    def host_style(self) -> bool:
        return self.endpoint(EMULATOR_ACCOUNT).startswith("https")

    def service(self, spec: AccountSpec = STANDARD, **options: Any) -> Watched:
        chosen = {"credential": spec.key_text(), **self.options, **options}
        return Watched(self.module.ShareServiceClient(self.endpoint(spec.name), **chosen), self)

    def token(self, audience: str) -> Token:
        return Token(audience) if self.module is fileshare else AsyncToken(audience)

    def connection_string(self, spec: AccountSpec = STANDARD) -> str:
        return f"AccountName={spec.name};AccountKey={spec.key_text()};FileEndpoint={self.endpoint(spec.name)}"

    async def make(self, client: str, constructor: str, *arguments: Any, **options: Any) -> Watched:
        """Call a classmethod that makes a client."""
        self.called.add((client, constructor))
        maker = getattr(getattr(self.module, client), constructor)
        return await self.call(maker, *arguments, **self.options, **options)

    async def call(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        result = method(*arguments, **options)
        if inspect.isawaitable(result):
            result = await result
        if isinstance(result, AsyncItemPaged):
            return [item async for item in result]
        if isinstance(result, ItemPaged):
            return list(result)
        if type(result).__name__ in {*CLIENTS, "StorageStreamDownloader"}:
            return Watched(result, self)
        return result

    def lease(self, client: Watched, lease_id: str | None = None) -> Watched:
        return Watched(self.module.ShareLeaseClient(client.client, lease_id), self)


def make_simulator() -> Simulator:
    return Simulator([STANDARD, PREMIUM], bearer="development")


@asynccontextmanager
async def in_process(colour: str) -> AsyncIterator[Kit]:
    simulator = make_simulator()
    transport = azure_core_transport(simulator) if colour == "blocking" else async_azure_core_transport(simulator)
    yield Kit(colour, simulator, lambda account: f"https://{account}.file.core.windows.net", transport)


@asynccontextmanager
async def over_http(colour: str) -> AsyncIterator[Kit]:
    simulator = make_simulator()
    with serve_in_thread(simulator) as served:
        root = served.endpoint.rpartition("/")[0]
        if colour == "blocking":
            with RequestsTransport() as transport:
                yield Kit(colour, simulator, lambda account: f"{root}/{account}", transport)
            return
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())
        async with (
            aiohttp.ClientSession(connector=connector, auto_decompress=False) as session,
            AioHttpTransport(session=session, session_owner=False) as transport,
        ):
            yield Kit(colour, simulator, lambda account: f"{root}/{account}", transport)


WAYS = {"in process": in_process, "over http": over_http}


def public_methods(client: str) -> set[tuple[str, str]]:
    """The public methods of a client, which both colours have alike."""
    found = [
        {name for name, _ in inspect.getmembers(getattr(module, client), callable) if not name.startswith("_")}
        for module in COLOURS.values()
    ]
    assert found[0] == found[1]
    return {(client, name) for name in found[0]}
