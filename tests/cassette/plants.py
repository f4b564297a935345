"""Secrets of more than thirty kinds, each with a value of its own, and a session in which all of them are planted."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass
from urllib.parse import quote

from azfiles.cassette.interactions import Interaction, Lost
from tests.cassette.builders import interaction

ACCOUNT = "myaccount"
OTHER = "thesource7"
HOST = f"https://{ACCOUNT}.file.core.windows.net"


@dataclass(frozen=True)
class Plant:
    """One kind of secret: its value, and the interaction that holds it."""

    kind: str
    secret: str
    where: Interaction


def _bytes(kind: str, size: int) -> bytes:
    return hashlib.shake_256(kind.encode()).digest(size)


def signature(kind: str) -> str:
    return base64.b64encode(_bytes(kind, 32)).decode()


def key(kind: str) -> str:
    return base64.b64encode(_bytes(kind, 64)).decode()


def token(kind: str) -> str:
    parts = (b'{"typ":"JWT","alg":"RS256"}', b'{"aud":"' + kind.encode() + b'"}', _bytes(kind, 30))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def guid(kind: str) -> str:
    return str(uuid.UUID(bytes=_bytes(kind, 16), version=4))


def _get(kind: str, headers: dict[str, str] | None = None, **more) -> Interaction:
    return interaction("GET", f"/share/{quote(kind)}", headers, **more)


def _put(kind: str, headers: dict[str, str] | None = None, body: bytes = b"", **more) -> Interaction:
    return interaction("PUT", f"/share/{quote(kind)}?comp=properties", headers, body, **more)


def _url(kind: str, secret: str) -> str:
    return f"{HOST}/share/from-{quote(kind)}?sv=2025-11-05&sig={quote(secret, safe='')}&se=2030"


def in_entities(secret: str) -> str:
    """As XML may have it."""
    return secret.replace("+", "&#43;").replace("/", "&#x2F;").replace("=", "&#61;")


def _plants() -> list[Plant]:
    found: list[Plant] = []

    def plant(kind: str, secret: str, where: Interaction) -> None:
        found.append(Plant(kind, secret, where))

    s = signature
    # --- in the URL
    plant(
        "signature in the URL",
        v := s("url"),
        interaction("GET", f"/share/url?sv=2025-11-05&sig={quote(v, safe='')}&sp=r"),
    )
    plant("account in the host", ACCOUNT, _get("host", {"Host": f"{ACCOUNT}.file.core.windows.net"}))
    plant(
        "account in the path",
        "patheraccount",
        interaction("GET", "/patheraccount/share/f", origin="http://127.0.0.1:10004"),
    )
    plant(
        "user and password in the URL",
        "hunter2pass",
        interaction("GET", "/share/userinfo", origin=f"https://me:hunter2pass@{ACCOUNT}.file.core.windows.net"),
    )
    plant("address in a signature", "198.18.7.6", interaction("GET", "/share/sip?sv=2025-11-05&sip=198.18.7.6&sig=x"))
    plant("last address of a signature", "198.18.7.9", interaction("GET", "/share/sip?sip=192.0.2.1-198.18.7.9&sig=x"))
    # --- in headers
    plant("address in an escaped URL", "198.18.7.8", _get("q", {"Referer": "https://h/?to=%2Ff%3Fsip%3D198.18.7.8"}))
    plant("Shared Key", v := s("sharedkey"), _get("a", {"Authorization": f"SharedKey {ACCOUNT}:{v}"}))
    plant("Shared Key Lite", v := s("lite"), _get("b", {"Authorization": f"SharedKeyLite {ACCOUNT}:{v}"}))
    plant("bearer token", v := token("bearer"), _get("c", {"Authorization": f"Bearer {v}"}))
    plant("proxy credentials", "cHJveHk6cGFzc3dvcmQ", _get("d", {"Proxy-Authorization": "Basic cHJveHk6cGFzc3dvcmQ"}))
    plant("copy source token", v := token("source"), _put("e", {"x-ms-copy-source-authorization": f"Bearer {v}"}))
    plant("encryption key", v := s("cpk"), _get("f", {"x-ms-encryption-key": v}))
    plant("API key", "a1b2c3d4e5f60718", _get("g", {"api-key": "a1b2c3d4e5f60718"}))
    plant("cookie", "session-abcdef0123", _get("h", {"Cookie": "sid=session-abcdef0123"}))
    plant("set cookie", "session-9876543210", _get("i", answer={"Set-Cookie": "sid=session-9876543210"}))
    plant("signature of a copy source", v := s("copy"), _put("j", {"x-ms-copy-source": _url("j", v)}))
    plant("signature of a rename source", v := s("rename"), _put("k", {"x-ms-file-rename-source": _url("k", v)}))
    plant(
        "account of a copy source", OTHER, _put("l", {"x-ms-copy-source": f"https://{OTHER}.file.core.windows.net/s/f"})
    )
    plant("lease id", v := guid("lease"), _put("m", {"x-ms-lease-id": v}))
    plant("proposed lease id", v := guid("proposed"), _put("n", {"x-ms-proposed-lease-id": v.upper()}))
    plant("lease id of a source", v := guid("source lease"), _put("o", {"x-ms-source-lease-id": v.replace("-", "")}))
    plant(
        "lease id of a destination", v := guid("destination"), _put("p", {"x-ms-destination-lease-id": "{" + v + "}"})
    )
    plant(
        "connection string in metadata",
        v := key("meta"),
        _put("q", {"x-ms-meta-c": f"AccountName=x;AccountKey={v};E=1"}),
    )
    plant("escaped signature in metadata", v := s("escaped"), _put("r", {"x-ms-meta-u": quote(_url("r", v), safe="")}))
    plant("token in metadata", v := token("meta"), _put("t", {"x-ms-meta-t": v}))
    plant("address of the client in a header", "198.18.3.4", _get("u", {"X-Forwarded-For": "198.18.3.4"}))
    # --- in redirects
    plant("signature of a redirect", v := s("redirect"), _get("v", status=307, answer={"Location": _url("v", v)}))
    plant(
        "account of a redirect",
        "redirected9",
        _get("w", status=307, answer={"Location": "https://redirected9.file.core.windows.net/s"}),
    )
    # --- in XML
    xml = {"x-ms-type": "x"}
    plant(
        "user delegation key",
        v := s("udk"),
        interaction(
            "POST",
            "/?restype=service&comp=userdelegationkey",
            xml,
            b"<KeyInfo/>",
            content=f"<UserDelegationKey><Value>{v}</Value></UserDelegationKey>".encode(),
        ),
    )
    plant(
        "signature in XML",
        v := s("xml"),
        interaction(
            "GET",
            "/share?restype=directory&comp=list",
            content=f"<CopySource>{_url('x', v).replace('&', '&amp;')}</CopySource>".encode(),
        ),
    )
    plant(
        "address of a handle's client",
        "198.18.1.2",
        interaction("GET", "/share?comp=listhandles", content=b"<Entry><ClientIp>198.18.1.2:445</ClientIp></Entry>"),
    )
    plant(
        "account in XML",
        "endpointed5",
        interaction("GET", "/?comp=list", content=b'<E ServiceEndpoint="https://endpointed5.file.core.windows.net/">'),
    )
    plant(
        "password in XML",
        "correct-horse-battery",
        interaction(
            "GET", "/share?comp=list", content=b"<User>\n<Password a='b'> correct-horse-battery</Password></User>"
        ),
    )
    for kind, entities in (("decimal", "&#38;sig&#61;"), ("hexadecimal", "&#x26;sig&#x3D;")):
        v = s(f"{kind} entities")
        plant(
            f"signature behind {kind} entities",
            v,
            interaction(
                "GET", f"/{kind}?comp=list", content=f"<Url>https://h/x?a=1{entities}{in_entities(v)}</Url>".encode()
            ),
        )
    # --- in JSON and forms
    plant("account key in JSON", v := key("json"), _put("json", body=f'{{"accountKey": "{v}"}}'.encode()))
    plant(
        "token in JSON",
        "opaque0123456789token",
        _put("token", content=b'{"access_token":"opaque0123456789token","expires_in":1}'),
    )
    plant(
        "secret in a form",
        "s3cr3t~of~app",
        _put("form", body=b"grant_type=client_credentials&client_secret=s3cr3t~of~app"),
    )
    plant(
        "escaped signature in JSON",
        v := s("in json"),
        _put("jsonurl", content=f'{{"u":"https://h/x?a=1\\u0026sig={quote(v, safe="")}\\u0026b"}}'.encode()),
    )
    for name in (
        "sharedAccessKey",
        "storageAccountKey",
        "userDelegationKey",
        "delegationKey",
        "privateKey",
        "private_key",
        "secretValue",
        "assertion",
        "accessSAS",
    ):
        plant(f"{name} in JSON", v := signature(name)[:30], _put(name, content=f'{{"{name}": "{v}"}}'.encode()))
    plant(
        "assertion in a form", v := signature("assertion")[:30], _put("assert", body=f"a=b&assertion={v}&c=d".encode())
    )
    # --- in error texts
    plant(
        "signature in an error",
        v := s("error"),
        _get(
            "error",
            status=403,
            content=f"<E>The MAC signature found in the HTTP request '{v}' is not the same</E>".encode(),
        ),
    )
    plant(
        "address in an error",
        "198.18.9.9",
        _get("ip", status=403, content=b"<E>source IP 198.18.9.9 is not authorized</E>"),
    )
    # --- in what was lost, and in contents
    lost = s("lost")
    plant(
        "signature in a lost request",
        lost,
        Interaction(
            interaction("GET", f"/share/lost?sig={quote(lost, safe='')}").request,
            Lost(f"GET /share/lost?sig={lost}: reset", sent=True),
        ),
    )
    plant(
        "account key in a file",
        v := key("file"),
        interaction("PUT", "/share/f?comp=range", {"x-ms-range": "bytes=0-9"}, b"\xffAccountKey=" + v.encode()),
    )
    plant(
        "signature in a file",
        v := s("in file"),
        interaction("GET", "/share/other", content=b"\xff?sig=" + quote(v, safe="").encode()),
    )
    return found


PLANTS = _plants()
"""What a client of Azure Files may meet."""
OTHER_HEADERS = [
    Plant(name, signature(name)[:30], _get(name, {name: signature(name)[:30]}))
    for name in ("X-IDENTITY-HEADER", "X-Auth-Token", "x-ms-authorization-auxiliary", "Metadata-Secret")
]
"""What is sent to other services, such as where a token comes from, and gets into a cassette with it."""
ALL_PLANTS = [*PLANTS, *OTHER_HEADERS]
SESSION = [one.where for one in ALL_PLANTS]


def spellings(secret: str) -> set[bytes]:
    once = quote(secret, safe="")
    lowered = once.replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d")
    plain = {secret, once, lowered, quote(once, safe=""), secret.lower(), secret.upper(), secret.replace("-", "")}
    plain.add(in_entities(secret))
    return {one.encode() for one in plain if len(one) > 5}
