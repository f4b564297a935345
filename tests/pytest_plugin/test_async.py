"""Async tests: pytest-asyncio in both its modes, anyio's plugin on both its backends, on every arm."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.proof import THOROUGH
from tests.pytest_plugin.conftest import RealAccount, Run

pytest_plugins = ("pytester",)

BODY = """
{marks}
async def test_it({arguments}azfiles_async_client, azfiles_share, azfiles_clock):
    import azfiles

    share = azfiles_async_client.share(azfiles_share.name)
    await share.file("a").upload(b"hello")
    assert bytes(await share.file("a").download()) == b"hello"
    with pytest.raises(azfiles.NotFound):
        await share.file("b").get_properties()
    azfiles_clock.advance(0)
"""
HEAD = "import pytest\n"
CASSETTE = "@pytest.mark.azfiles_cassette\n"
INI = "[pytest]\nasyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function\n"


def test_pytest_asyncio_and_anyio_on_asyncio_and_trio(
    pytester: pytest.Pytester, run: Run, real_account: RealAccount, cassettes: Callable[[], list[str]]
) -> None:
    bodies: dict[str, str] = {}
    for name, marks, arguments in (
        ("asyncio", "@pytest.mark.asyncio\n", ""),
        ("anyio", "@pytest.mark.anyio\n", "anyio_backend, "),
    ):
        bodies[f"test_{name}"] = HEAD + BODY.format(marks=marks, arguments=arguments)
        bodies[f"test_{name}_cassette"] = HEAD + BODY.format(marks=marks + CASSETTE, arguments=arguments)
    pytester.makepyfile(**bodies)
    pytester.makeini(INI.format(mode="strict"))
    _on_every_arm(run, real_account, 6)
    assert cassettes() == [
        "test_anyio_cassette/test_it-asyncio.yaml",
        "test_anyio_cassette/test_it-trio.yaml",
        "test_asyncio_cassette/test_it.yaml",
    ]


@pytest.mark.skipif(not THOROUGH, reason="the other mode of pytest-asyncio is tested with AZFILES_THOROUGH=1, as in CI")
def test_pytest_asyncio_in_its_auto_mode(pytester: pytest.Pytester, run: Run, real_account: RealAccount) -> None:
    pytester.makepyfile(
        test_plain=HEAD + BODY.format(marks="", arguments=""),
        test_marked=HEAD + BODY.format(marks=CASSETTE, arguments=""),
    )
    pytester.makeini(INI.format(mode="auto"))
    _on_every_arm(run, real_account, 2)


def _on_every_arm(run: Run, real_account: RealAccount, tests: int) -> None:
    run(asyncio=True).assert_outcomes(passed=tests)  # on a simulator, and recording from one
    run("--azfiles-record=none", asyncio=True).assert_outcomes(passed=tests)
    assert real_account.asked == []
    run("--azfiles-live", asyncio=True).assert_outcomes(passed=tests)
    assert len(real_account.asked) > 5 * tests
    assert real_account.shares() == []
