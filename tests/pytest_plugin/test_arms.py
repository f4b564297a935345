"""One test body on a simulator, on its cassette, and on an account behind HTTPS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import azfiles
from azfiles.cassette.scanning import scan_cassettes
from azfiles_sim.pytest_plugin.live import Account, ConnectionString, LiveTransport, RealClock
from tests.pytest_plugin.conftest import RealAccount, Run

pytest_plugins = ("pytester",)

BODY = """
import azfiles, pytest

{mark}
def test_a_share(azfiles_client, azfiles_share, azfiles_share_name, azfiles_clock):
    azfiles_share.file("a").upload(b"hello")
    assert bytes(azfiles_share.file("a").download()) == b"hello"
    begun = azfiles_clock.time()
    azfiles_share.acquire_lease(duration_s=60)
    with pytest.raises(azfiles.LeaseConflict):
        azfiles_share.delete()
    other = azfiles_client.share(azfiles_share_name("other"))
    other.create()
    assert azfiles_clock.time() >= begun
"""
MARK = "@pytest.mark.azfiles_cassette"


def test_the_same_body_runs_on_a_simulator_its_cassette_and_a_real_account(
    pytester: pytest.Pytester,
    run: Run,
    real_account: RealAccount,
    cassettes: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytester.makepyfile(test_plain=BODY.format(mark=""), test_marked=BODY.format(mark=MARK))
    run("--azfiles-simulator").assert_outcomes(passed=2)
    assert (real_account.asked, cassettes()) == ([], [])

    run("--azfiles-live").assert_outcomes(passed=2)
    assert len([line for line in real_account.asked if line.startswith("Create Share /liveaccount/azfiles-test-")]) == 4
    assert (real_account.shares(), cassettes()) == ([], [])

    run("--azfiles-live", "--azfiles-record=once", "test_marked.py").assert_outcomes(passed=1)
    assert (real_account.shares(), cassettes()) == ([], ["test_marked/test_a_share.yaml"])
    text = (pytester.path / "cassettes" / cassettes()[0]).read_text()
    assert scan_cassettes([pytester.path / "cassettes"]) == []
    assert not [secret for secret in (real_account.key, real_account.name) if secret in text]

    monkeypatch.delenv("AZFILES_LIVE_CONNECTION_STRING")
    asked = len(real_account.asked)
    run("--azfiles-record=none", "test_marked.py").assert_outcomes(passed=1)
    assert len(real_account.asked) == asked


def test_a_test_that_asks_for_the_simulator_stays_on_it(
    pytester: pytest.Pytester, run: Run, real_account: RealAccount
) -> None:
    pytester.makepyfile("""
        def test_open_handles(azfiles_simulator, azfiles_share):
            azfiles_share.file("a").upload(b"x")
            azfiles_simulator.open_handle("devstoreaccount1", azfiles_share.name, "a")
            assert len(list(azfiles_share.file("a").list_handles())) == 1
    """)
    run("--azfiles-live").assert_outcomes(passed=1)
    assert real_account.asked == []


def test_each_test_has_a_simulator_of_its_own_and_a_clock_at_the_present(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("""
        import time, pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_fresh(turn, azfiles_client, azfiles_simulator, azfiles_clock):
            azfiles_client.share("data").create()
            assert azfiles_clock is azfiles_simulator.clock and -5 < azfiles_clock.time() - time.time() <= 0
            azfiles_clock.advance(3600)
    """)
    run().assert_outcomes(passed=2)


def test_a_client_of_ones_own_goes_the_same_way(
    pytester: pytest.Pytester, run: Run, real_account: RealAccount, cassettes: Callable[[], list[str]]
) -> None:
    pytester.makepyfile("""
        import azfiles

        def test_mine(azfiles_connection_string, azfiles_transport, azfiles_clock, azfiles_cassette, azfiles_share_name):
            assert "AccountKey" not in repr(azfiles_connection_string) + repr(azfiles_transport)
            with azfiles.connect(
                azfiles_connection_string, transport=azfiles_transport, clock=azfiles_clock, retry=None
            ) as client:
                client.share(azfiles_share_name()).create()
            assert azfiles_cassette is azfiles_transport
    """)
    run().assert_outcomes(passed=1)
    assert cassettes() == ["test_a_client_of_ones_own_goes_the_same_way/test_mine.yaml"]
    run("--azfiles-record=none").assert_outcomes(passed=1)
    run("--azfiles-live").assert_outcomes(passed=1)
    assert real_account.shares() == []


@pytest.mark.parametrize(
    ("connection_string", "ca_file", "told"),
    [
        ("", "", "--azfiles-live needs an account: set AZFILES_LIVE_CONNECTION_STRING to its connection string"),
        ("AccountName=a;AccountKey=c2VjcmV0;FileEndpoint=ftp://a", "", "AZFILES_LIVE_CONNECTION_STRING: "),
        ("UseDevelopmentStorage=true", "/no/such.pem", "AZFILES_CA_FILE: there is no file /no/such.pem"),
    ],
)
def test_an_account_that_cannot_be_used_is_told_at_once_and_without_a_secret(
    pytester: pytest.Pytester,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    connection_string: str,
    ca_file: str,
    told: str,
) -> None:
    monkeypatch.setenv("AZFILES_LIVE_CONNECTION_STRING", connection_string)
    monkeypatch.setenv("AZFILES_CA_FILE", ca_file)
    result = run("--azfiles-live")
    shown = result.outlines + result.errlines
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert any(line.startswith(f"ERROR: {told}") for line in shown)
    assert not [line for line in shown if "c2VjcmV0" in line or "Traceback" in line]


def test_options_that_contradict_each_other_are_refused(pytester: pytest.Pytester, run: Run) -> None:
    result = run("--azfiles-simulator", "--azfiles-record=all")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --azfiles-simulator goes neither with --azfiles-live nor with --azfiles-record" in result.errlines


def test_shares_that_cannot_be_removed_from_a_real_account_are_named(
    pytester: pytest.Pytester, run: Run, real_account: RealAccount
) -> None:
    pytester.makepyfile("""
        import azfiles

        def test_spoilt(azfiles_share, request):
            account = request.getfixturevalue("_azfiles_arm").account
            object.__setattr__(account, "credential", azfiles.SharedKey("liveaccount", "YW5vdGhlciBrZXk="))
    """)
    result = run("--azfiles-live")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.re_match_lines([r"shares were left on the real account: azfiles-test-[0-9a-f]{8}-data: .*403.*"])


def test_nothing_that_is_shown_of_a_real_account_is_a_secret() -> None:
    text = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;"
    sas = azfiles.Sas("sv=2025-01-05&sig=c2VjcmV0")
    for credential in (azfiles.SharedKey("a", "c2VjcmV0"), sas):
        account = Account(url="https://a", credential=credential, connection_string=ConnectionString(text))
        shown = repr((account, LiveTransport(account), RealClock(), account.connection_string))
        assert "c2VjcmV0" not in shown
    assert account.secrets() == ()
    assert account.connection_string == text


def test_on_a_real_account_advancing_the_clock_is_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    clock = RealClock()
    before = clock.time()
    clock.advance(61)
    assert waits == [61]
    assert 0 <= clock.time() - before < 60


def test_the_key_of_a_real_account_reaches_no_cassette_even_as_content(
    pytester: pytest.Pytester, run: Run, real_account: RealAccount, cassettes: Callable[[], list[str]]
) -> None:
    pytester.makepyfile(
        test_it="""
        import os

        def test_it(azfiles_share, azfiles_cassette):
            key = os.environ["AZFILES_LIVE_CONNECTION_STRING"].partition("AccountKey=")[2].partition(";")[0]
            content = b"nothing tells that this is a key: " + key.encode()
            azfiles_share.file("a").create(len(content))
            azfiles_share.file("a").put_range(0, content)
    """
    )
    run("--azfiles-live", "--azfiles-record=all").assert_outcomes(passed=1)
    text = (pytester.path / "cassettes" / "test_it" / "test_it.yaml").read_text()
    assert "nothing tells that this is a key: " in text
    assert real_account.key not in text
