"""Entra ID: whoever is logged in (the Azure CLI, a managed identity, a service principal of the environment), by azure-identity.

``AZURE_STORAGE_AUTH_MODE`` is the Azure CLI's own variable. As there, ``login`` goes before keys and signatures.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
import time
from typing import Any, Final

from azfiles.cli import exits
from azfiles.cli.errors import CommandError
from azfiles.credentials import TokenCredential

AUTH_MODE: Final = "AZURE_STORAGE_AUTH_MODE"
_RENEW_BEFORE_S: Final = 300.0
_MODES: Final = ("", "key", "login")


def is_wanted() -> bool:
    """Whether the environment asks for tokens. ``CommandError`` where it asks for what is not known."""
    mode = os.environ.get(AUTH_MODE, "").strip().lower()
    if mode not in _MODES:
        raise CommandError(
            f"{AUTH_MODE} is {mode!r}",
            "login  asks for tokens of Entra ID; key  is as if it were not set",
            status=exits.FAILED,
        )
    return mode == "login"


class Login:
    """Tokens of whoever is logged in. azure-identity is imported, and looks for a login, when the first one is needed."""

    def __init__(self) -> None:
        self._credential: TokenCredential | None = None
        self._tokens: dict[tuple[str, ...], Any] = {}
        self._one_at_a_time = threading.Lock()

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """A token for the scopes, the same one until shortly before it ends: to get one may mean to run az, which takes a
        second. ``CommandError`` where nobody is logged in.
        """
        with self._one_at_a_time:
            token = self._tokens.get(scopes)
            if token is None or token.expires_on - _RENEW_BEFORE_S <= time.time():
                token = self._tokens[scopes] = self._fetched(*scopes, **options)
            return token

    def _fetched(self, *scopes: str, **options: Any) -> Any:
        if self._credential is None:
            self._credential = _default_credential()
        refusals = importlib.import_module("azure.core.exceptions")
        try:
            return self._credential.get_token(*scopes, **options)
        except refusals.ClientAuthenticationError as error:
            raise CommandError(
                f"{AUTH_MODE}=login, and Entra ID gave no token",
                "az login  logs you in",
                *(line.strip() for line in str(error).splitlines() if line.strip()),
                status=exits.REFUSED,
            ) from None


def _default_credential() -> TokenCredential:
    try:
        identity = importlib.import_module("azure.identity")
    except ModuleNotFoundError:
        raise CommandError(
            f"{AUTH_MODE}=login needs azure-identity",
            "pip install 'azfiles-toolkit[login]'",
            status=exits.FAILED,
        ) from None
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)  # the error that is raised says the same
    credential: TokenCredential = identity.DefaultAzureCredential()
    return credential


__all__ = ["AUTH_MODE", "Login", "is_wanted"]
