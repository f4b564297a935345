"""Which account, and as whom: from options under the names that the ecosystem has for them, and from its environment
variables for what the options leave open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from azfiles.address import DEFAULT_SUFFIX, Endpoint, is_loopback
from azfiles.core.connection import read_account_url, read_connection_string
from azfiles.credentials import Anonymous, Credential, Sas, SharedKey, TokenCredential
from azfiles.errors import InvalidArgument
from azfiles.records import dataclass

P = ParamSpec("P")
T = TypeVar("T")

CONNECTION_STRING: Final = "AZURE_STORAGE_CONNECTION_STRING"
ACCOUNT: Final = "AZURE_STORAGE_ACCOUNT"
KEY: Final = "AZURE_STORAGE_KEY"
SAS_TOKEN: Final = "AZURE_STORAGE_SAS_TOKEN"  # noqa: S105 - the name of a variable, not what it holds
ENDPOINT: Final = "AZURE_STORAGE_SERVICE_ENDPOINT"
"""The account's URL, where that is not in Azure's public cloud."""
VARIABLES: Final = (CONNECTION_STRING, ACCOUNT, ENDPOINT, KEY, SAS_TOKEN)
"""The variables that are read, those that Azure's own tools read too. White space around a value, as the newline of a file
that it came from, is no part of it.
"""
_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
_OWN_HOSTS: Final = (
    f".{DEFAULT_SUFFIX}",
    ".core.chinacloudapi.cn",
    ".core.usgovcloudapi.net",
    ".file.storage.azure.net",  # accounts in a DNS zone of their own
)


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """What somebody said of an account: a ``connection_string``; or its name, or its whole URL; and at most one
    credential: a key, a signature, anything that ``connect`` takes, or none at all (``anon``).
    """

    account_name: str | None = None
    account_url: str | None = field(default=None, repr=False)  # which may bring a signature
    connection_string: str | None = field(default=None, repr=False)
    account_key: str | None = field(default=None, repr=False)
    sas_token: str | None = field(default=None, repr=False)
    credential: Credential | TokenCredential | str | None = field(default=None, repr=False)
    anon: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """``to`` and ``credential`` are the first two arguments of ``connect``; ``url`` is where that leads."""

    url: str
    to: str = field(repr=False)
    credential: Any = field(default=None, repr=False)


def find_account(options: AccountOptions, environment: Mapping[str, str]) -> Account:
    """The account that is meant. What ``options`` say goes before the environment, whose credential is used for its own
    account only. Raises ``InvalidArgument`` where no account or no credential can be told; no message shows a secret.
    """
    told, url = options.connection_string, options.account_url
    if told is not None and (url or options.account_name):
        raise InvalidArgument("connection_string: it names the account; leave account_name and account_url out")
    if told is None and url is None:
        told, url = _in_the_environment(options.account_name, environment)
    if told is not None:
        endpoint, own = read_connection_string(told, allow_http=True)
    else:
        endpoint, own = read_account_url(url or "", account=options.account_name, allow_http=True)
    given = _given_credential(options, endpoint)
    if given is None and own is None:
        given = _credential_in(environment, endpoint)
    elif told is options.connection_string or own is None:
        pass  # two credentials, given side by side, are for connect to refuse
    elif given is not None:
        told, url = None, endpoint.url  # the environment's own one gives way
    return Account(endpoint.url, (url or "") if told is None else told, given)


def _in_the_environment(name: str | None, environment: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The connection string or the URL of the account of this name, or of the one that the environment names."""
    text = _value(environment, CONNECTION_STRING)
    if text and name in {None, _named(CONNECTION_STRING, read_connection_string, text, allow_http=True)[0].account}:
        return text, None
    url = _value(environment, ENDPOINT)
    if url and name in {None, _account_at(url)}:
        return None, url
    name = name or _value(environment, ACCOUNT)
    if not name:
        raise InvalidArgument(
            f"no account: give account_name or connection_string, or set {CONNECTION_STRING} or {ACCOUNT}"
        )
    if not _NAME.fullmatch(name):
        raise InvalidArgument(
            f"the account's name (account_name, {ACCOUNT}) holds other characters than letters and digits; "
            f"a URL is for account_url or {ENDPOINT}"
        )
    return None, f"https://{name}.file.{DEFAULT_SUFFIX}"


def _account_at(url: str) -> str:
    return _named(ENDPOINT, read_account_url, url, allow_http=True)[0].account


def _named(variable: str, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What is read from a variable; where that cannot be, the error names it."""
    try:
        return read(*args, **kwargs)
    except InvalidArgument as error:
        raise InvalidArgument(f"{variable}: {error}") from None


def _value(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name, "").strip()


def _given_credential(options: AccountOptions, endpoint: Endpoint) -> Any:
    given: list[Any] = []
    if options.account_key is not None:
        given.append(SharedKey(endpoint.account, options.account_key))
    if options.sas_token is not None:
        given.append(Sas(options.sas_token))
    if options.credential is not None:
        given.append(options.credential)
    if options.anon:
        given.append(Anonymous())
    if len(given) > 1:
        raise InvalidArgument("account_key, sas_token, credential and anon: one of them is enough")
    return given[0] if given else None


def _credential_in(environment: Mapping[str, str], endpoint: Endpoint) -> Credential:
    """The credential that the environment has for this account."""
    if text := _value(environment, CONNECTION_STRING):
        there, own = _named(CONNECTION_STRING, read_connection_string, text, allow_http=True)
        if there == endpoint and own is not None:
            return own
    if _value(environment, ACCOUNT) in {"", endpoint.account}:
        if token := _value(environment, SAS_TOKEN):
            if not _is_trusted(endpoint, environment):
                raise InvalidArgument(
                    f"{SAS_TOKEN} is sent to Azure's hosts and to this machine only, not to {endpoint.host}: set {ENDPOINT} "
                    "to that URL if it is the account's, or give sas_token"
                )
            return _named(SAS_TOKEN, Sas, token)
        if key := _value(environment, KEY):
            return _named(KEY, SharedKey, endpoint.account, key)
    raise InvalidArgument(
        f"no credential for the account {endpoint.account!r}: give account_key, sas_token, credential or anon=True, or "
        f"set {KEY} or {SAS_TOKEN}; with {ACCOUNT} or {CONNECTION_STRING} they are taken for that account alone"
    )


def _is_trusted(endpoint: Endpoint, environment: Mapping[str, str]) -> bool:
    """Whether a signature may go there that nobody gave for that URL: it works for whoever receives it."""
    host = urlsplit(endpoint.origin).hostname or ""
    own = _value(environment, ENDPOINT)
    return (
        host.endswith(_OWN_HOSTS)
        or is_loopback(host)
        or (bool(own) and read_account_url(own, allow_http=True)[0] == endpoint)
    )


__all__ = ["VARIABLES", "Account", "AccountOptions", "find_account"]
