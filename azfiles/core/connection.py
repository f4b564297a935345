"""Where to connect and as whom, from the texts that people have: connection strings and account URLs."""

from __future__ import annotations

from azfiles.address import Endpoint, parse_account_url, parse_connection_string
from azfiles.credentials import EMULATOR_CREDENTIAL, Credential, Sas, SharedKey, is_signature
from azfiles.errors import InvalidArgument


def read_connection_string(text: str, *, allow_http: bool = False) -> tuple[Endpoint, Credential | None]:
    """Endpoint and credential of a connection string: a signature where it has one, else the key, else ``None``. The
    emulators' well-known key stands in where ``UseDevelopmentStorage=true`` leaves it out.
    """
    parts = parse_connection_string(text, allow_http=allow_http)
    if parts.sas is not None:
        return parts.endpoint, Sas(parts.sas)
    if parts.account_key is not None:
        return parts.endpoint, SharedKey(parts.account, parts.account_key)
    if parts.is_development:
        return parts.endpoint, EMULATOR_CREDENTIAL
    return parts.endpoint, None


def read_account_url(url: str, *, account: str | None = None, allow_http: bool = False) -> tuple[Endpoint, Sas | None]:
    """Endpoint of an account's URL, and the signature in its query where there is one."""
    endpoint, query = parse_account_url(url, account=account, allow_http=allow_http)
    return endpoint, None if query is None else Sas(query)


def read_credential(text: str, endpoint: Endpoint) -> Credential:
    """A credential given as text: a signature (``sv=...&sig=...``), or the account's key."""
    if not text.strip():
        raise InvalidArgument("the credential is an empty text; give a key, a signature, or Anonymous()")
    if is_signature(text):
        return Sas(text)
    return SharedKey(endpoint.account, text.strip())
