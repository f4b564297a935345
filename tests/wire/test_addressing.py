"""Whose account a request speaks of, in host style, in path style, and in the URLs of sources."""

from __future__ import annotations

import pytest

from azfiles_sim import Connection, Reply, Request, Simulator

from .asking import (
    ACCOUNT,
    CREATE,
    KEY,
    NEWEST,
    OTHER,
    OTHER_KEY,
    Asker,
    code,
    content,
    header,
    sign,
    string_to_sign,
    xml,
)

AZURE = f"{ACCOUNT}.file.core.windows.net"


def endpoint(asker: Asker, host: str, connection: Connection | None = None, *headers: tuple[str, str]) -> str | None:
    target = "/?comp=list" if host.startswith(ACCOUNT) else f"/{ACCOUNT}/?comp=list"
    reply = asker.ask("GET", target, *headers, host=host, connection=connection or Connection("10.0.0.1"))
    return xml(reply).get("ServiceEndpoint")


def test_the_endpoint_in_listings_is_the_one_that_was_addressed() -> None:
    asker = Asker()
    local = Connection("127.0.0.1")
    proxy = ("X-Forwarded-Proto", "https")
    assert endpoint(asker, AZURE) == f"https://{AZURE}/"
    assert endpoint(asker, f"{ACCOUNT}.file.localhost:10004") == f"http://{ACCOUNT}.file.localhost:10004/"
    assert endpoint(asker, f"{ACCOUNT}-secondary.file.localhost") == f"http://{ACCOUNT}-secondary.file.localhost/"
    assert endpoint(asker, "127.0.0.1:10004") == f"http://127.0.0.1:10004/{ACCOUNT}/"
    assert endpoint(asker, "[::1]:10004") == f"http://[::1]:10004/{ACCOUNT}/"
    assert endpoint(asker, "localhost", Connection(tls=True)) == f"https://localhost/{ACCOUNT}/"
    assert endpoint(asker, "localhost", local, proxy) == f"https://localhost/{ACCOUNT}/"
    assert endpoint(asker, "localhost", Connection("10.0.0.1"), proxy) == f"http://localhost/{ACCOUNT}/"
    assert xml(asker.ask("GET", "/?comp=list")).get("ServiceEndpoint") == f"http://127.0.0.1:10004/{ACCOUNT}/"


@pytest.mark.parametrize("service", ["blob", "queue", "table", "dfs", "web"])
def test_a_host_of_another_service_gets_400_and_no_files(service: str) -> None:
    reply = Asker().ask("GET", "/?comp=list", host=f"{ACCOUNT}.{service}.core.windows.net")
    assert (reply.status, code(reply)) == (400, "InvalidUri")
    assert service in (xml(reply).findtext("Reason") or "")


def test_an_account_that_is_not_served_is_400_and_named() -> None:
    for host, target in (("127.0.0.1", "/nobody/data?restype=share"), ("nobody.file.localhost", "/data?restype=share")):
        reply = Asker().ask("GET", target, host=host, account="nobody")
        assert (reply.status, code(reply)) == (400, "InvalidUri")
        assert "'nobody'" in (xml(reply).findtext("Reason") or "")


def test_a_path_that_names_no_account_is_told_so() -> None:
    reply = Asker().ask("GET", "/?comp=list", host="127.0.0.1:10004")
    assert (reply.status, code(reply)) == (400, "InvalidUri")
    assert xml(reply).findtext("Reason") == "The path names no account."


def test_the_accounts_secondary_name_is_the_account_in_path_style_too() -> None:
    asker = Asker().with_share()
    reply = asker.ask("GET", f"/{ACCOUNT}-secondary/data?restype=share", host="127.0.0.1:10004")
    assert reply.status == 200


def test_a_whole_url_as_the_target_is_its_path_and_its_authority_the_host() -> None:
    asker = Asker().with_share()
    pairs = [("x-ms-date", asker.date()), ("x-ms-version", NEWEST), ("Host", "elsewhere")]
    signature = sign(string_to_sign("GET", "/data/d/f", pairs, ACCOUNT), KEY)
    pairs.append(("Authorization", f"SharedKey {ACCOUNT}:{signature}"))
    assert asker.send(Request("GET", f"HTTPS://{AZURE}/data/d/f", pairs)).status == 200
    for target in ("*", "ftp://x/y", "data/d/f", "", f"http://{AZURE}"):
        assert asker.send(Request("GET", target, pairs)).status == 400


@pytest.mark.parametrize(
    "raw",
    ["/data/d%2Ff", "/data/d\\f", "/data%5Cd/f", "/data/d/f/", "/data/%64/%66", "/data//d/f", "/%2Fdata/d/f"],
)
def test_paths_are_decoded_once_and_signed_raw(raw: str) -> None:
    """``%2F`` and a backslash are as good as a slash; a slash at the end falls away; an empty component is refused."""
    reply = Asker().with_share().ask("GET", raw)
    assert (reply.status == 200) is ("//" not in raw and "%2Fdata" not in raw)


def test_a_plus_is_a_plus_in_paths_and_a_blank_in_query_values() -> None:
    asker = Asker().with_share()
    assert asker.ask("PUT", "/data/a+b", *CREATE).status == 201
    assert asker.ask("GET", "/data/a%2Bb").status == 200
    assert asker.ask("PUT", "/data/a%20b", *CREATE).status == 201
    names = [name.text for name in xml(asker.ask("GET", "/data?restype=directory&comp=list&prefix=a+b")).iter("Name")]
    assert names == ["a b"]


def test_bytes_that_are_not_utf_8_are_400() -> None:
    assert code(Asker().ask("GET", "/data/%FF")) == "InvalidUri"
    assert code(Asker().ask("GET", "/data?restype=directory&comp=list&prefix=%FF")) == "InvalidUri"


def test_a_rename_by_the_javascript_sdk_which_loses_the_account_is_understood() -> None:
    """Its target is ``/share/path``; the account stands in the signature and in the source."""
    asker = Asker().with_share()
    source = ("x-ms-file-rename-source", f"http://127.0.0.1:10004/{ACCOUNT}/data/d/f")
    assert asker.ask("PUT", "/data/q?comp=rename", source, host="127.0.0.1:10004").status == 200
    lost = ("x-ms-file-rename-source", "http://127.0.0.1:10004/data/q")
    assert asker.ask("PUT", "/data/r?comp=rename", lost, host="127.0.0.1:10004").status == 200
    pairs = [("x-ms-version", NEWEST), source]
    assert code(asker.send(Request("PUT", "/data/q?comp=rename", pairs))) == "NoAuthenticationInformation"
    assert code(asker.send(Request("PUT", "/data/q?comp=rename", pairs[:1]))) == "InvalidUri"
    # The client of the renamed file, which the SDK's rename returns, has lost the account too.
    assert asker.ask("HEAD", "/data/r", host="127.0.0.1:10004").status == 200
    assert code(asker.send(Request("HEAD", "/data/r", pairs[:1]))) == "InvalidUri"


def test_a_copy_source_is_found_by_account_whatever_its_scheme_host_and_port() -> None:
    asker = Asker().with_share()
    for number, url in enumerate(
        (
            f"http://127.0.0.1:1/{ACCOUNT}/data/d/f",
            f"https://{AZURE}:444/data/d%2Ff",
            f"https://{AZURE.upper()}/data/d/f?timeout=3",
        )
    ):
        reply = asker.ask("PUT", f"/data/copy{number}", ("x-ms-copy-source", url))
        assert (reply.status, header(reply, "x-ms-copy-status")) == (202, "success")
        assert header(asker.ask("HEAD", f"/data/copy{number}"), "x-ms-copy-source") == url


def test_a_copy_source_with_bytes_from_a_socket_is_read_as_utf_8() -> None:
    asker = Asker().with_share()
    assert asker.ask("PUT", "/data/%C3%A4", *CREATE).status == 201
    url = f"http://127.0.0.1/{ACCOUNT}/data/ä"
    for number, text in enumerate((url.encode().decode("latin-1"), url)):
        assert asker.ask("PUT", f"/data/copy{number}", ("x-ms-copy-source", text)).status == 202


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://elsewhere.example/data/f", "CannotVerifyCopySource"),
        ("https://x.blob.core.windows.net/data/f", "CannotVerifyCopySource"),
        ("ftp://127.0.0.1/data/f", "CannotVerifyCopySource"),
        ("http://127.0.0.1/", "CannotVerifyCopySource"),
        (f"https://{AZURE}/data/%FF", "CannotVerifyCopySource"),
        (f"https://{AZURE}/data", "InvalidHeaderValue"),
        ("data/d/f", "InvalidHeaderValue"),
        (f"https://{AZURE}/data/d/f?sharesnapshot=yesterday", "InvalidHeaderValue"),
        (f"https://{AZURE}/data/{'x' * 2048}", "InvalidHeaderValue"),
    ],
)
def test_a_copy_source_that_cannot_be_is_refused(url: str, expected: str) -> None:
    assert code(Asker().with_share().ask("PUT", "/data/g", ("x-ms-copy-source", url))) == expected


def test_a_source_in_another_account_needs_a_sas_and_says_why_from_2025_11_05_on() -> None:
    asker = Asker().with_share()
    assert (
        asker.ask("PUT", f"/{OTHER}/data?restype=share", host="127.0.0.1", account=OTHER, key=OTHER_KEY).status == 201
    )
    url = ("x-ms-copy-source", f"https://{OTHER}.file.core.windows.net/data/f")
    old = asker.ask("PUT", "/data/g", url, version="2025-07-05")
    assert (old.status, code(old)) == (404, "CannotVerifyCopySource")
    new = asker.ask("PUT", "/data/g", url)
    assert (new.status, code(new)) == (401, "CannotVerifyCopySource")
    assert header(new, "x-ms-copy-source-status-code") == "401"
    assert header(new, "x-ms-copy-source-error-code") == "NoAuthenticationInformation"
    assert header(new, "WWW-Authenticate") is None
    names = [child.tag for child in xml(new)]
    assert names == ["Code", "Message", "CopySourceStatusCode", "CopySourceErrorCode", "CopySourceErrorMessage"]
    signed = ("x-ms-copy-source", f"{url[1]}?sv=2020-10-02&sr=f&sp=r&se=2027-01-01&sig=SECRET")
    wrong = asker.ask("PUT", "/data/g", signed)
    assert (wrong.status, header(wrong, "x-ms-copy-source-error-code")) == (403, "AuthenticationFailed")
    assert b"SECRET" not in content(wrong)


def test_a_copy_keeps_its_sources_url_without_the_credentials() -> None:
    from .asking import service_sas

    asker = Asker().with_share()
    made = asker.ask("PUT", "/data?restype=share&comp=snapshot")
    snapshot = header(made, "x-ms-snapshot")
    url = f"https://{AZURE}/data/d/f?sharesnapshot={snapshot}&{service_sas('data/d/f')}"
    assert asker.ask("PUT", "/data/g", ("x-ms-copy-source", url)).status == 202
    assert (
        header(asker.ask("HEAD", "/data/g"), "x-ms-copy-source") == f"https://{AZURE}/data/d/f?sharesnapshot={snapshot}"
    )


def test_dots_at_the_end_of_names_fall_away_unless_allowed() -> None:
    asker = Asker().with_share()
    allowed, source_allowed = ("x-ms-allow-trailing-dot", "true"), ("x-ms-source-allow-trailing-dot", "true")
    made = asker.ask("PUT", "/data/f.", *CREATE)
    assert header(asker.ask("HEAD", "/data/f"), "x-ms-file-id") == header(made, "x-ms-file-id")
    assert asker.ask("HEAD", "/data/f.", allowed).status == 404
    assert asker.ask("PUT", "/data/f.", allowed, *CREATE).status == 201
    source = ("x-ms-file-rename-source", f"https://{AZURE}/data/f.")
    renamed = asker.ask("PUT", "/data/g?comp=rename", source)
    assert header(renamed, "x-ms-file-id") == header(made, "x-ms-file-id")
    assert asker.ask("PUT", "/data/h?comp=rename", source, source_allowed).status == 200


@pytest.mark.parametrize("path", ["/?comp=list", "?comp=list"])
def test_a_target_that_is_a_whole_url_names_the_account_by_its_host(path: str) -> None:
    """A client that takes the server for a proxy sends one; the Host header is then the proxy's."""
    simulator = Simulator()
    request = Request(
        "GET",
        f"http://devstoreaccount1.file.core.windows.net{path}",
        [("Host", "127.0.0.1"), ("x-ms-version", "2025-11-05")],
    )
    reply = simulator.handle(request)
    assert isinstance(reply, Reply)
    assert (reply.status, dict(reply.headers)["x-ms-error-code"]) == (401, "NoAuthenticationInformation")
