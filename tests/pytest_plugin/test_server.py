"""One server for a whole run, and for each test an account and a simulator of its own behind it."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from azfiles_sim import ManualClock, Simulator
from azfiles_sim.messages import Request
from azfiles_sim.pytest_plugin.serving import Serving
from tests.pytest_plugin.conftest import Run

pytest_plugins = ("pytester",)


def test_tests_share_a_server_and_nothing_else(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("""
        import azfiles, pytest
        from azure.storage.fileshare import ShareServiceClient

        seen = []

        @pytest.mark.parametrize("turn", [1, 2])
        def test_own(azfiles_server, azfiles_clock, turn):
            service = ShareServiceClient.from_connection_string(azfiles_server.connection_string)
            service.create_share("data").get_file_client("a").upload_file(b"hello")
            with azfiles.connect(azfiles_server.connection_string) as client:
                assert bytes(client.share("data").file("a").download()) == b"hello"
            azfiles_clock.advance(86_400)
            seen.append(azfiles_server)
            ports = {one.endpoint.rpartition(":")[2].partition("/")[0] for one in seen}
            assert len(ports) == 1 and len({one.account.name for one in seen}) == turn
            assert azfiles_server.account.key_text() not in repr(azfiles_server)

        def test_account_of_a_test_that_is_over(azfiles_server):
            with azfiles.connect(seen[0].connection_string, retry=None) as client:
                with pytest.raises(azfiles.ServiceError, match="No account named"):
                    client.share("data").get_properties()
    """)
    run().assert_outcomes(passed=3)


def test_requests_find_their_simulator_by_host_or_path() -> None:
    serving = Serving()
    simulator = Simulator(clock=ManualClock())
    server = serving.open(simulator)
    try:
        for target, host in (
            (f"/{server.account.name}?comp=list", "127.0.0.1"),
            ("/?comp=list", f"{server.account.name}.file.core.windows.net"),
            (f"/{server.account.name}-secondary/s?restype=share", "localhost"),
        ):
            serving.handle(Request("GET", target, (("Host", host),)))
        assert len(simulator.journal) == 3
        for target, host in (("/other/s", "127.0.0.1"), ("/", "a.blob.core.windows.net"), ("/", ""), ("/%ff/", "")):
            assert getattr(serving.handle(Request("GET", target, (("Host", host),))), "status", 0) == 400
        assert len(simulator.journal) == 3
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(f"{server.endpoint}?comp=list")
        assert len(simulator.journal) == 4
    finally:
        serving.end(server)
        serving.stop()


def test_a_server_that_nobody_asked_for_is_not_started() -> None:
    serving = Serving()
    assert serving.accounts[0].name == "nobody"
    serving.stop()
