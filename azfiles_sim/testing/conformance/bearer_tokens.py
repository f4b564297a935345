"""Bearer tokens that a simulator in its development mode takes: unsigned, for one user of one tenant."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

TENANT = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"


class Tokens:
    """A token credential, as azure-identity's are."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def get_token(self, *_scopes: str, **_: Any) -> Any:
        claims = {
            "aud": "https://storage.azure.com/",
            "iss": f"https://sts.windows.net/{TENANT}/",
            "tid": TENANT,
            "oid": USER,
            "nbf": int(self._now.timestamp()) - 60,
            "exp": int((self._now + timedelta(days=1)).timestamp()),
        }
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in ({"alg": "none"}, claims)]
        return SimpleNamespace(token=f"{parts[0].rstrip('=')}.{parts[1].rstrip('=')}.")
