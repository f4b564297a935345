"""Names of files that look like secrets: recorded as they are, and no other secret with them."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

import azfiles
from azfiles.cassette.document import read_cassette
from azfiles.cassette.names import parts_of_document, parts_of_uri
from azfiles.cassette.scanning import scan_cassette
from azfiles.cassette.scrubbing import scrub_interactions
from azfiles.cassette.writing import write_cassette
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.testing import verify_cassette
from tests.cassette.builders import HOST, interaction

SIGNATURE = base64.b64encode(bytes(range(200, 232))).decode()
KEY = base64.b64encode(bytes(range(100, 164))).decode()
LOOKING_LIKE_SECRETS = (
    "sig=abcdefghij",
    "a&sig=abc.txt",
    "design=abc",
    "sig%3Dabc",
    "accountkey=hello",
    "SharedAccessSignature=x",
    "AccountName=abcdef",
    "password=hunter2",
    "client_secret=foo&bar",
    "access_token=1",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln",
    "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "sv=1&sip=198.18.1.2",
    f"{'A' * 86}==",
)


def session(client: azfiles.ServiceClient) -> list[object]:
    """What is told of files and directories with such names."""
    share = client.share("data")
    share.create()
    told: list[object] = []
    for number, name in enumerate(LOOKING_LIKE_SECRETS):
        file = share.file(name)
        file.create(8)
        file.put_range(0, b"%08d" % number)
        share.directory(f"{name} too").create()
        told.append([entry.name for entry in share.root.list(prefix=name)])
    for name in reversed(LOOKING_LIKE_SECRETS):
        told.append(share.file(name).get_range(0, 8).content)
        share.file(name).rename(f"{name} then")
    told.append(sorted(entry.name for entry in share.root.list()))
    return told


def test_files_whose_names_look_like_secrets_are_recorded_replayed_and_verified(tmp_path: Path):
    path = tmp_path / "names.yaml"
    simulator = Simulator(clock=ManualClock())
    key = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY)
    url = f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net"
    recorder = azfiles.recording(azfiles.InProcessTransport(simulator.handle), path, clock=simulator.clock)
    with azfiles.connect(url, key, transport=recorder, clock=simulator.clock) as client:
        told = session(client)
    other = azfiles.SharedKey("other", azfiles.EMULATOR_KEY)
    with azfiles.connect("https://other.file.core.windows.net", other, transport=azfiles.replaying(path)) as client:
        assert session(client) == told
    assert verify_cassette(path).drift == ()
    assert scan_cassette(path) == []


def uri(name: str) -> str:
    return f"/share/{quote(name, safe='')}"


@pytest.mark.parametrize("secret", [f"sig={SIGNATURE}", f"AccountKey={KEY}"])
def test_a_real_signature_or_key_in_a_name_is_masked_wherever_the_name_stands(tmp_path: Path, secret: str):
    name = f"a&{secret}"
    listing = f"<Entries><File><Name>{name.replace('&', '&amp;')}</Name></File></Entries>"
    live = [
        interaction("GET", uri(name)),
        interaction("PUT", "/share/to", {"x-ms-copy-source": HOST + uri(name)}),
        interaction(
            "GET", f"/share?restype=directory&comp=list&prefix={quote(name, safe='')}", content=listing.encode()
        ),
    ]
    write_cassette(tmp_path / "live.yaml", live)
    assert (
        len({(one.line, one.kind) for one in scan_cassette(tmp_path / "live.yaml") if "account name" not in one.kind})
        == 4
    )
    write_cassette(tmp_path / "clean.yaml", scrub_interactions(live))
    assert scan_cassette(tmp_path / "clean.yaml") == []
    text = (tmp_path / "clean.yaml").read_text()
    value = secret.partition("=")[2]
    assert value not in text
    assert quote(value, safe="") not in text
    assert text.count("REDACTED") == 4
    player = azfiles.replaying(tmp_path / "clean.yaml")
    for one in live:
        target = one.request.uri.removeprefix(HOST)
        assert (
            player.send(azfiles.Request(one.request.method, target, one.request.headers, (), HOST), 1.0).status == 200
        )


def test_a_secret_that_the_user_names_and_a_signature_of_the_session_are_masked_in_names(tmp_path: Path):
    live = [
        interaction("GET", f"/share/f?sv=2025-01-05&sig={quote(SIGNATURE, safe='')}"),
        interaction("GET", "/share/my-own-secret.txt"),
        interaction("GET", f"/share/{quote(SIGNATURE, safe='')}"),
        interaction("GET", "/share?restype=directory&comp=list", content=b"<Name>my-own-secret.txt</Name>"),
    ]
    write_cassette(tmp_path / "a.yaml", scrub_interactions(live, secrets=["my-own-secret"]))
    found = read_cassette(tmp_path / "a.yaml")
    assert [one.request.uri.rpartition("/")[2] for one in found[1:3]] == ["REDACTED.txt", "REDACTED"]
    assert found[3].response.body == b"<Name>REDACTED.txt</Name>"  # type: ignore[union-attr]  # none was lost


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("https://h", []),
        ("https://h/s/f", ["/s/f"]),
        ("https://h?sig=a", []),
        ("https://h/s?prefix=a&sig=b&marker=&Marker=c", ["/s", "a", "c"]),
        ("/s/f?prefix=a", []),
    ],
)
def test_a_uri_falls_into_pieces_that_make_it_up_again(text: str, names: list[str]):
    parts = list(parts_of_uri(text))
    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.is_name] == names


def test_a_listing_falls_into_pieces_that_make_it_up_again():
    text = (
        '<R ServiceEndpoint="https://h/" ShareName="s" DirectoryPath="a/b"><Prefix>p</Prefix><Marker />'
        '<Name Encoded="true">n</Name><Names>x</Names><Path>q</Path><NextMarker>m</NextMarker></R>'
    )
    parts = list(parts_of_document(text))
    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.is_name] == ["a/b", "p", "n", "q", "m"]
