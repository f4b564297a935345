"""What is shown where a test fails: its last requests, and no secret."""

from __future__ import annotations

import pytest

from azfiles_sim.pytest_plugin.watching import SHOWN
from tests.pytest_plugin.conftest import RealAccount, Run

pytest_plugins = ("pytester",)


def test_a_failure_shows_the_last_requests_and_a_success_none(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("""
        def test_fails(azfiles_share):
            file = azfiles_share.file("reports/july.txt")
            azfiles_share.directory("reports").create()
            file.create(8)
            file.put_range(0, b"sold: 17")
            assert file.get_range(0, 8).content == b"sold: 18"

        def test_passes(azfiles_share):
            azfiles_share.directory("quiet").create()
    """)
    result = run("-rP")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*azfiles: the last requests*",
            "<azfiles transport: the simulator>",
            "Create Share /azfiles-test-00000000-data -> 201",
            "Create Directory /azfiles-test-00000000-data/reports -> 201",
            "Create File /azfiles-test-00000000-data/reports/july.txt -> 201",
            "Put Range /azfiles-test-00000000-data/reports/july.txt, bytes=0-7, write update -> 201",
            "Get File /azfiles-test-00000000-data/reports/july.txt, bytes=0-7 -> 206",
        ],
        consecutive=True,
    )
    assert "quiet" not in result.stdout.str()


def test_no_report_shows_a_secret_of_a_real_account_or_a_lease(
    pytester: pytest.Pytester, run: Run, real_account: RealAccount
) -> None:
    pytester.makepyfile("""
        import azfiles, pytest

        LEASE = "0f3b1a2c-7d58-4a61-9c5e-aaaaaaaaaaaa"

        def test_fails(azfiles_client, azfiles_share, azfiles_connection_string):
            file = azfiles_share.file("a")
            file.upload(b"x")
            file.acquire_lease(proposed_id=LEASE)
            sas = "sv=2025-01-05&sr=f&sp=r&se=2030-01-01T00%3A00%3A00Z&sig=c2lnbmF0dXJl"
            with pytest.raises(azfiles.AzureFilesError):
                azfiles_share.file("b").start_copy(f"https://other.file.core.windows.net/s/f?{sas}")
            azfiles_client.share("nosuchshare").get_properties()
    """)
    result = run("--azfiles-live", "--showlocals")
    result.assert_outcomes(failed=1)
    shown = result.stdout.str()
    section = shown[shown.index("azfiles: the last requests") :]
    assert "Lease File /azfiles-test-" in section
    assert "Get Share Properties /nosuchshare -> 404 ShareNotFound" in section
    for secret in (real_account.key, "0f3b1a2c", "c2lnbmF0dXJl", real_account.name):
        assert secret not in section
    assert real_account.key not in shown


def test_a_long_test_shows_its_end(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(f"""
        def test_fails(azfiles_share):
            for number in range({SHOWN + 4}):
                azfiles_share.directory(f"d{{number}}").create()
            raise ValueError
    """)
    result = run()
    result.stdout.fnmatch_lines(["... 5 before these", f"Create Directory *-data/d{SHOWN + 3} -> 201"])
    assert "-data/d3 " not in result.stdout.str()


def test_a_request_that_got_no_answer_is_told_by_its_error(
    pytester: pytest.Pytester, run: Run, real_account: RealAccount
) -> None:
    pytester.makepyfile("""
        import anyio, azfiles

        def test_fails(azfiles_cassette, azfiles_client, azfiles_async_client):
            share = azfiles_client.share("data")
            share.create()
            try:
                azfiles_client.share("never").create()
            except azfiles.NotRecorded:
                pass
            anyio.run(azfiles_async_client.share("never").get_properties)
    """)
    cassette = """
        def test_fails(azfiles_client, azfiles_cassette):
            azfiles_client.share("data").create()
    """
    module = pytester.path / "test_a_request_that_got_no_answer_is_told_by_its_error.py"
    body = module.read_text()
    pytester.makepyfile(cassette)
    run().assert_outcomes(passed=1)
    module.write_text(body)
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "<azfiles transport: cassette */test_fails.yaml, mode once>",
            "Create Share /data -> 201",
            "Create Share /never -> NotRecorded",
            "Get Share Properties /never -> NotRecorded",
        ],
        consecutive=True,
    )


def test_without_a_client_of_ours_the_simulators_journal_is_shown(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("""
        import urllib.request

        def test_fails(azfiles_server):
            urllib.request.urlopen(azfiles_server.endpoint + "?comp=list&sig=c2VjcmV0")

        def test_asks_nothing(azfiles_server):
            raise ValueError
    """)
    result = run()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["*azfiles: the last requests*", "GET /test*?comp=list&sig=REDACTED -> 400 MissingRequiredHeader"]
    )
    assert result.stdout.str().count("azfiles: the last requests") == 1
