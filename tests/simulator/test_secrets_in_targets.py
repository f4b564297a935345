"""What a request's target says is kept for whoever reads the journal, but no secret of it, and not all of a long one."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles_sim import Simulator
from azfiles_sim.faults import LoseRequest, Rule, Script
from azfiles_sim.inspector import InspectedSimulator, Inspector
from azfiles_sim.journal import Journal
from azfiles_sim.messages import IN_PROCESS, Request
from azfiles_sim.server.guarding import make_guard
from azfiles_sim.testing.cassettes.beside import open_beside
from azfiles_sim.wire.redaction import LONGEST_TOLD, redact_target, tell_target

PLANTED = "UGxhbnRlZFNlY3JldA"
"""In every secret of these tests, and in nothing else."""

GUID = "0f0f0f0f-1234-4321-9999-00000000000a"
TOKEN = "a-token-of-the-tests-0123456789"
KEY = f"{PLANTED}{'q/+Z' * 17}=="
HEAD = (("Host", "devstoreaccount1.file.core.windows.net"), ("x-ms-version", "2025-05-05"))

SECRETS = (
    f"sig={PLANTED}",
    f"signature={PLANTED}",
    f"SharedAccessSignature=sv=2025-05-05;sig={PLANTED}",
    f"AccountKey={KEY}",
    f"access_token={PLANTED}",
    f"x-ms-copy-source-authorization=Bearer {PLANTED}",
    f"Authorization=SharedKey devstoreaccount1:{PLANTED}",
    f"password={PLANTED}",
    f"client_secret={PLANTED}",
    f"api-key={PLANTED}",
    f"x-ms-lease-id={PLANTED}",
    f"leaseid={PLANTED}",
    f"note=Bearer {PLANTED}",
    f"note=eyJ{PLANTED}.eyJ{PLANTED}.{PLANTED}",
    f"note=SharedKeyLite devstoreaccount1:{PLANTED}",
    f"note={KEY}",
    f"to=https://user:{PLANTED}@host/share",
    f"to=https://{PLANTED}@host/share",
    f'json={{"sig":"{PLANTED}"}}',
)


def encoded(text: str) -> str:
    return quote(text, safe="")


def every_letter(text: str) -> str:
    """All of a text escaped, which no client does and every server reads."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


def odd_case(text: str) -> str:
    """The name in odd case; the value is what it is."""
    name, equals, value = text.partition("=")
    return "".join(letter.upper() if at % 2 else letter.lower() for at, letter in enumerate(name)) + equals + value


def odd_name(text: str) -> str:
    name, equals, value = text.partition("=")
    return every_letter(name[:1]) + name[1:] + equals + encoded(value)


def nested(text: str) -> str:
    """As one parameter of a URL that is a parameter itself."""
    return f"copysource={encoded(f'https://other.file.core.windows.net/s/f?sv=2025-05-05&{text}&se=2030-01-01')}"


WRAPPINGS: tuple[Callable[[str], str], ...] = (encoded, every_letter, odd_case, odd_name, nested)
PLACES: tuple[Callable[[str], str], ...] = (
    lambda text: f"/share/file?comp=range&{text}&timeout=30",
    lambda text: f"/share/file?{text}",
    lambda text: f"/share/file?x?{text}",
    lambda text: f"/share/file?a=1;{text}",
    lambda text: f"/share/file?a=1&amp;{text}",
    lambda text: f"/share/dir%20a/file%3Fcomp=range&{text}/more",
    lambda text: f"https://devstoreaccount1.file.core.windows.net/share/file?{text}",
    lambda text: f"https://user:{PLANTED}@devstoreaccount1.file.core.windows.net/share/file?{text}",
)

targets = st.builds(
    lambda secret, wrappings, place: place(_wrapped(secret, wrappings)),
    st.sampled_from(SECRETS),
    st.lists(st.sampled_from(WRAPPINGS), max_size=3),
    st.sampled_from(PLACES),
)


def _wrapped(text: str, wrappings: list[Callable[[str], str]]) -> str:
    for wrap in wrappings:
        text = wrap(text)
    return text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_of_a_target_is_told(secret, place):
    for wrap in (str, *WRAPPINGS):
        assert PLANTED not in tell_target(place(wrap(secret))), wrap


@given(targets)
def test_no_secret_of_a_target_is_told_however_it_is_wrapped(target):
    assert PLANTED not in tell_target(target)


def test_what_was_escaped_more_often_than_anybody_does_is_not_shown_at_all():
    value = PLANTED
    for _ in range(12):
        value = every_letter(value) if len(value) < 100 else encoded(value)
    assert redact_target(f"/share/file?a={value}&b=2") == "/share/file?a=REDACTED&b=2"
    assert redact_target(f"/share/{value}") == "/share/REDACTED"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "*",
        "/share/dir/photo@2x.png",
        "/share/50%25%20off/a=b/sign=here",
        "/share/f?comp=range&timeout=30",
        "/share/f?restype=directory&comp=list&prefix=a%20b&marker=1%2188%21MDAwMDA-",
        "/share?restype=share&comp=lease&sharesnapshot=2026-01-01T00:00:00.0000000Z",
        "/share/f?comp=filepermission&x-ms-lease-action=break&x-ms-file-permission-key=5*6&design=1",
        f"/share/{GUID}?sv=2025-05-05&st=2030-01-01T00%3A00%3A00Z&sp=rwdl&sr=f&skoid={GUID}",
        "https://devstoreaccount1.file.core.windows.net:443/share/f",
    ],
)
def test_what_is_no_secret_is_told_as_it_came(target):
    assert tell_target(target) == target


def test_only_what_is_a_secret_is_masked():
    target = f"/share/file?sv=2025-05-05&s%69g={PLANTED}&copysource={encoded(f'https://a/b?sig={PLANTED}')}&se=2030"
    assert tell_target(target) == "/share/file?sv=2025-05-05&s%69g=REDACTED&copysource=REDACTED&se=2030"
    assert redact_target(f"http://me:{PLANTED}@host/a/b?sig=") == "http://host/a/b?sig="


def test_no_secret_comes_to_the_journal_the_inspector_or_the_diary_of_faults():
    simulator = InspectedSimulator()
    guard, _ = make_guard(TOKEN)
    inspector = Inspector(simulator, guard, acts=False, open_cassette=open_beside)
    sent = [place(wrap(secret)) for secret in SECRETS for wrap in (encoded, nested) for place in PLACES]

    def ask(path: str) -> str:
        head = (("Host", "127.0.0.1:1"), ("Authorization", f"Bearer {TOKEN}"))
        reply = inspector.handle(Request("GET", f"/_azfiles/v1{path}", head), IN_PROCESS)
        return b"".join(reply.body).decode()

    for target in sent:
        simulator.handle(Request("GET", target, HEAD))
    journal = ask("/journal")
    assert len(json.loads(journal)["entries"]) == len(sent)
    shown = [repr(simulator.journal.entries()), journal]
    shown += [ask(f"/look/exchanges/{number}") for number in range(1, len(sent) + 1)]
    assert '"status": 404' not in shown[-1]
    simulator.faults.plan = Script([Rule(LoseRequest())])
    for target in sent:
        simulator.handle(Request("GET", target, HEAD))
    diary = ask("/look/diary")
    assert len(json.loads(diary)["entries"]) == len(sent)
    for text in (*shown, diary, simulator.faults.diary_text):
        assert PLANTED not in text


def test_a_long_target_is_cut_in_the_journal_after_its_secrets_are_masked():
    simulator = Simulator()
    for target in (
        f"/share/{'a' * 65_536}?comp=range",
        f"/share/f?a={'b' * (LONGEST_TOLD - 20)}&sig={PLANTED}",
        f"/share/f?sig={'c' * 65_536}&a=1",
    ):
        simulator.handle(Request("GET", target, HEAD))
    first, second, third = [entry.target for entry in simulator.journal]
    assert len(first) == LONGEST_TOLD
    assert first.endswith("aaa…")
    assert len(second) <= LONGEST_TOLD
    assert PLANTED[:4] not in second
    assert third == "/share/f?sig=REDACTED&a=1"


def test_what_a_journal_keeps_of_requests_is_bounded_however_long_they_are():
    simulator = Simulator(journal_limit=10)
    for number in range(50):
        simulator.handle(Request("GET", f"/{number}{'x' * 100_000}?{'y' * 100_000}", HEAD))
    assert sum(len(entry.target) for entry in simulator.journal._entries) <= 20 * LONGEST_TOLD
    assert len(Journal(10).copy()) == 0
