"""Which account an fsspec file system is of, its clients, and how it is handed on to other processes."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from azfiles.clients.accounts import VARIABLES, AccountOptions, find_account
from azfiles.clients.asynchronous import AsyncFileClient, AsyncServiceClient, AsyncShareClient
from azfiles.clients.connecting import DEFAULT_RETRY, connect_async
from azfiles.core.requests import DEFAULT_API_VERSION
from azfiles.credentials import Anonymous, Credential, TokenCredential
from azfiles.filesystem.bases import AsyncFileSystem, InstanceCache, get_loop, sync
from azfiles.filesystem.connections import Connections
from azfiles.filesystem.paths import error_of, errors_of, split
from azfiles.flows.effects import Flow
from azfiles.flows.policies import RetryPolicy
from azfiles.flows.targets import Target, Timeouts
from azfiles.messages import Handler

T = TypeVar("T")

_SLASHES = re.compile("/{2,}")
_SECRET_OPTIONS = frozenset({"account_key", "connection_string", "credential", "sas_token"})


class _InstanceCache(InstanceCache):
    """Which instances are the same is said by their options, and by the environment that fills in for them."""

    @property
    def environment(self) -> tuple[str | None, ...]:
        return tuple(os.environ.get(name) for name in VARIABLES)


class ConnectedFileSystem(AsyncFileSystem, metaclass=_InstanceCache):
    """Which account, and the clients of it: one for each event loop. Their connections end with the file system."""

    protocol = "azfiles"
    root_marker = ""
    _extra_tokenize_attributes = ("environment",)

    def __init__(
        self,
        account_name: str | None = None,
        account_key: str | None = None,
        *,
        account_url: str | None = None,
        connection_string: str | None = None,
        sas_token: str | None = None,
        credential: Credential | TokenCredential | str | None = None,
        anon: bool = False,
        handler: Handler | None = None,
        snapshot: str | None = None,
        auto_mkdir: bool = True,
        connections: int = 2,
        batch_size: int | None = 16,
        use_listings_cache: bool = False,
        api_version: str = DEFAULT_API_VERSION,
        retry: RetryPolicy | None = DEFAULT_RETRY,
        timeouts: Timeouts | None = None,
        allow_http: bool = False,
        ca_file: str | Path | None = None,
        **options: Any,
    ) -> None:
        super().__init__(batch_size=batch_size, use_listings_cache=use_listings_cache, **options)
        self.auto_mkdir = auto_mkdir
        self.connections = connections
        self._snapshot = snapshot
        to: str | Handler
        if handler is None:
            given = AccountOptions(
                account_name, account_url, connection_string, account_key, sas_token, credential, anon
            )
            account = find_account(given, os.environ)
            to, credential, self._shown = account.to, account.credential, account.url
        else:
            to, credential, self._shown = handler, Anonymous() if anon else credential, "a handler"

        def connect() -> AsyncServiceClient:
            return connect_async(
                to,
                credential,
                api_version=api_version,
                retry=retry,
                timeouts=timeouts,
                allow_http=allow_http,
                ca_file=ca_file,
            )

        self._connections = Connections(connect)
        weakref.finalize(self, self._connections.end).atexit = False  # the end of the interpreter is looked after there

    # --- clients, one for each event loop ----------------------------------------------------------------------------

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that blocking calls run in; ``None`` with ``asynchronous=True``."""
        if self._pid != os.getpid():
            self._loop = None if self.asynchronous else get_loop()
            self._pid = os.getpid()
        return cast("asyncio.AbstractEventLoop", self._loop)

    def service(self) -> AsyncServiceClient:
        """The client of the account, for the running event loop."""
        return self._connections.here()

    def share(self, name: str) -> AsyncShareClient:
        """The client of a share, or of its snapshot."""
        share = self.service().share(name)
        return share if self._snapshot is None else share.snapshot(self._snapshot)

    def file(self, path: str) -> AsyncFileClient:
        """The client of a file."""
        share, names = split(path)
        if not names:
            raise error_of(errno.EISDIR, path)
        return self.share(share).file("/".join(names))

    async def run_at(self, path: str, make: Callable[[Target], Flow[T]]) -> T:
        """Carry out a flow for the file at ``path``; what the service refuses is raised as an ``OSError``."""
        file = self.file(path)
        with errors_of(path):
            return await file.runner.run(make(file.target))

    async def close_connections(self) -> None:
        """Close the connections of the running event loop; they are made anew when they are needed."""
        await self._connections.close_here()

    def disconnect(self) -> None:
        """The same, blocking."""
        sync(self.loop, self.close_connections)

    # --- paths, and the listings that are kept ------------------------------------------------------------------------

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        stripped = super()._strip_protocol(path)
        return _SLASHES.sub("/", stripped.lstrip("/")) if isinstance(stripped, str) else stripped

    def invalidate_cache(self, path: str | None = None) -> None:
        """Forget the listings at and above ``path``, or all."""
        if path is None:
            self.dircache.clear()
        else:
            place: str = self._strip_protocol(path)
            while place:
                self.dircache.pop(place, None)
                place = self._parent(place)
            self.dircache.pop("", None)
        super().invalidate_cache(path)

    # --- being handed on ---------------------------------------------------------------------------------------------

    def to_dict(self, *, include_password: bool = True) -> dict[str, Any]:
        """As fsspec has it; without the password, without any credential, also where that is part of the URL."""
        if include_password:
            return super().to_dict(include_password=True)
        bare = object.__new__(type(self))  # what is left out need not be JSON, as a credential's object is not
        bare.storage_args = self.storage_args[:1]
        bare.storage_options = {
            name: value for name, value in self.storage_options.items() if name not in _SECRET_OPTIONS
        }
        if isinstance(url := bare.storage_options.get("account_url"), str):
            bare.storage_options["account_url"] = url.partition("?")[0]
        return super(ConnectedFileSystem, bare).to_dict(include_password=False)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._shown}>"


__all__ = ["ConnectedFileSystem"]
