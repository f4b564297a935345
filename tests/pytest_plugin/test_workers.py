"""Under pytest-xdist: one cassette for several processes, and a server in each."""

from __future__ import annotations

import pytest

from azfiles.cassette.document import read_cassette
from tests.proof import THOROUGH
from tests.pytest_plugin.conftest import Run

pytest_plugins = ("pytester",)


@pytest.mark.skipif(not THOROUGH, reason="starts two more processes: AZFILES_THOROUGH=1, as in CI, has them")
def test_workers_that_record_into_one_cassette_lose_nothing_and_see_only_their_own(
    pytester: pytest.Pytester, run: Run
) -> None:
    """Two processes, one file: each test adds its own requests, and what is alike is recorded once."""
    each = 8
    pytester.makepyfile(
        test_it=f"""
        import azfiles, pytest

        @pytest.mark.azfiles_cassette("shared", mode="new", allow_unplayed=True)
        @pytest.mark.parametrize("number", range({each}))
        def test_adding(azfiles_client, number, worker_id):
            assert worker_id in ("gw0", "gw1")
            azfiles_client.share(f"share-{{number}}").create()

        @pytest.mark.azfiles_cassette("same")
        @pytest.mark.parametrize("number", range({each}))
        def test_same(azfiles_client, number):
            azfiles_client.share("share").create()

        @pytest.mark.parametrize("number", range({each}))
        def test_served(azfiles_server, number):
            with azfiles.connect(azfiles_server.connection_string, clock=azfiles_server.simulator.clock) as client:
                client.share("data").create()
                assert [share.name for share in client.list_shares()] == ["data"]

        def test_failing(azfiles_share):
            azfiles_share.file("a").get_properties()
    """
    )
    result = run("-n", "2")
    result.assert_outcomes(passed=3 * each, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*azfiles: the last requests*",
            "Get File Properties /azfiles-test-00000000-data/a -> 404 ResourceNotFound",
            "*azfiles: cassettes written*",
            "*/same.yaml (from the simulator)",
        ]
    )
    shares = [one.request.uri for one in read_cassette(pytester.path / "cassettes" / "shared.yaml")]
    assert len(shares) == len(set(shares)) == each
    assert len(read_cassette(pytester.path / "cassettes" / "same.yaml")) == 1
