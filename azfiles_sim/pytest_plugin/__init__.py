"""The pytest plugin: simulators, a server, cassettes and a real account for anybody's tests of Azure Files.

pytest loads this module at each start, so it imports nothing that a run may do without. See docs/pytest.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Final, TypeVar

import pytest

if TYPE_CHECKING:
    import azfiles
    from azfiles_sim import Simulator
    from azfiles_sim.pytest_plugin.arms import Arm, Upstream
    from azfiles_sim.pytest_plugin.ending import Use
    from azfiles_sim.pytest_plugin.live import Account  # noqa: F401 - in the name of a stash key
    from azfiles_sim.pytest_plugin.serving import Serving, TestServer
    from azfiles_sim.pytest_plugin.watching import WatchedTransport

_LIVE: Final = pytest.StashKey["Account"]()
_USE: Final = pytest.StashKey["Use"]()
_SECTION: Final = "azfiles: the last requests"
_WRITTEN: Final = "azfiles_written"

T = TypeVar("T")


# --- options and marks ------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("azfiles", "Azure Files")
    group.addoption(
        "--azfiles-record",
        choices=("none", "once", "new", "all"),
        help="how tests use their cassettes: none: only replay; once: record where there is none; new: add what is "
        "missing; all: record anew. By default once, and none where CI is set.",
    )
    group.addoption(
        "--azfiles-live",
        action="store_true",
        help="run on the real account whose connection string is in AZFILES_LIVE_CONNECTION_STRING, and with "
        "--azfiles-record, record from it",
    )
    group.addoption(
        "--azfiles-simulator",
        action="store_true",
        help="run on simulators, also those tests that have a cassette",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "azfiles_cassette(name=, mode=, secrets=, body_limit=, sealed=, allow_unplayed=, repeat_last=, "
        "continue_with_simulator=): run this test on a cassette of its own",
    )
    if config.option.azfiles_simulator and (config.option.azfiles_live or config.option.azfiles_record):
        raise pytest.UsageError("--azfiles-simulator goes neither with --azfiles-live nor with --azfiles-record")
    if config.option.azfiles_live:
        from azfiles_sim.pytest_plugin.live import live_account

        config.stash[_LIVE] = live_account()


# --- fixtures ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def azfiles_simulator(request: pytest.FixtureRequest) -> Simulator:
    """A fresh simulator. Its clock begins now, and then stands still until it is advanced.

    A test that asks for it by name runs on it with --azfiles-live too.
    """
    from datetime import UTC, datetime

    from azfiles_sim import ManualClock, Simulator

    simulator = Simulator(clock=ManualClock(datetime.now(UTC).replace(microsecond=0)))
    _use_of(request.node).simulator = simulator
    return simulator


@pytest.fixture(scope="session")
def _azfiles_serving() -> Iterator[Serving]:
    try:
        from azfiles_sim.pytest_plugin.serving import Serving
    except ImportError as error:  # pragma: no cover - our own tests have the extra
        pytest.fail(f"azfiles_server needs azfiles-toolkit[server]: {error}", pytrace=False)
    serving = Serving()
    yield serving
    serving.stop()


@pytest.fixture
def azfiles_server(azfiles_simulator: Simulator, _azfiles_serving: Serving) -> Iterator[TestServer]:
    """The test's simulator over real HTTP, under an account of its own: ``endpoint``, ``connection_string``, ``account``,
    ``simulator``. One server serves the whole run; no test sees another one's data, clock or journal.
    """
    server = _azfiles_serving.open(azfiles_simulator)
    yield server
    _azfiles_serving.end(server)


@pytest.fixture
def _azfiles_arm(request: pytest.FixtureRequest) -> Arm:
    from azfiles_sim.pytest_plugin.arms import open_cassette, open_plain
    from azfiles_sim.pytest_plugin.choosing import Asked, asked_of, chosen_mode
    from azfiles_sim.pytest_plugin.naming import cassette_path

    item: pytest.Item = request.node
    try:
        asked = asked_of(item)
    except ValueError as error:
        pytest.fail(str(error), pytrace=False)
    if asked is None and "azfiles_cassette" not in _fixtures_of(item):
        arm = open_plain(_upstream(request))
    else:
        asked = asked or Asked()
        mode = chosen_mode(item.config.option, asked, os.environ)
        arm = _told(lambda: open_cassette(cassette_path(item, asked.name), mode, asked, lambda: _upstream(request)))
        arm.on_cassette = True
    _use_of(item).arm = arm
    return arm


@pytest.fixture
def azfiles_transport(_azfiles_arm: Arm) -> WatchedTransport:
    """A transport for blocking and async clients to wherever this test runs: a simulator; its cassette, if it is marked
    with ``azfiles_cassette`` or asks for the fixture of that name; with --azfiles-live, the real account.
    """
    return _azfiles_arm.transport


@pytest.fixture
def azfiles_cassette(_azfiles_arm: Arm) -> WatchedTransport:
    """``azfiles_transport`` with the test's cassette in it. Nothing of it is written unless the test passes."""
    if not _azfiles_arm.on_cassette:
        pytest.fail(
            "mark the test with azfiles_cassette, or name the fixture among its arguments: it went on without a cassette",
            pytrace=False,
        )
    return _azfiles_arm.transport


@pytest.fixture
def azfiles_clock(_azfiles_arm: Arm) -> azfiles.VirtualClock:
    """The time in which the service lives: ``time()`` in seconds since 1970, and ``advance(seconds)``.

    The simulator's or the recording's moves on at once; on a real account, advancing is waiting.
    """
    return _azfiles_arm.clock


@pytest.fixture
def azfiles_connection_string(_azfiles_arm: Arm) -> str:
    """The account that goes with ``azfiles_transport``. Its repr does not show it."""
    return _azfiles_arm.account.connection_string


@pytest.fixture
def azfiles_client(_azfiles_arm: Arm) -> azfiles.ServiceClient:
    """A blocking client of wherever this test runs."""
    import azfiles

    return azfiles.connect(**_azfiles_arm.connecting)


@pytest.fixture
def azfiles_async_client(_azfiles_arm: Arm) -> azfiles.AsyncServiceClient:
    """An async client of wherever this test runs, for asyncio and trio. It needs no closing."""
    import azfiles

    return azfiles.connect_async(**_azfiles_arm.connecting)


@pytest.fixture
def azfiles_share_name(_azfiles_arm: Arm) -> Callable[..., str]:
    """A function from a label to a share's name of this test's own. On a real account those shares are removed."""
    return _azfiles_arm.share_name


@pytest.fixture
def azfiles_share(azfiles_client: azfiles.ServiceClient, azfiles_share_name: Callable[..., str]) -> azfiles.ShareClient:
    """An existing, empty share of this test's own."""
    share = azfiles_client.share(azfiles_share_name("data"))
    share.create()
    return share


def _fixtures_of(item: pytest.Item) -> list[str]:
    """The fixtures that a test names, itself or through others."""
    names: list[str] = getattr(item, "fixturenames", [])
    return names


def _upstream(request: pytest.FixtureRequest) -> Upstream:
    from azfiles_sim.pytest_plugin.arms import Upstream

    account = request.config.stash.get(_LIVE, None)
    if account is None or "azfiles_simulator" in _fixtures_of(request.node):
        return Upstream.simulated(request.getfixturevalue("azfiles_simulator"))
    return Upstream.real(account)


def _use_of(item: pytest.Item) -> Use:
    from azfiles_sim.pytest_plugin.ending import Use

    return item.stash.setdefault(_USE, Use())


def _told(do: Callable[[], T]) -> T:
    """Do it; what is wrong with a cassette is told in its own words, without a traceback through this plugin."""
    import azfiles

    try:
        return do()
    except azfiles.AzureFilesError as error:
        trouble = str(error)
    pytest.fail(trouble, pytrace=False)


# --- the end of a test ------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Warn of a mark that did nothing: other plugins' marks patch libraries, and this one does not."""
    yield
    if any(mark.name == "azfiles_cassette" for mark in item.own_markers):
        use = item.stash.get(_USE, None)
        if use is None or use.arm is None:
            item.warn(
                pytest.PytestWarning(
                    "marked with azfiles_cassette, but none of azfiles' fixtures that send requests was asked for: "
                    "nothing is recorded or replayed, as nothing is patched"
                )
            )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Save or drop what was recorded, once every fixture of the test has made its last request."""
    try:
        yield
    except BaseException:
        if _USE in item.stash:
            item.stash[_USE].end(well=False)
        raise
    if _USE in item.stash:
        use = item.stash[_USE]
        _told(lambda: use.end(well=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    use = item.stash.get(_USE, None)
    if use is None:
        return report
    if use.arm is not None and call.when == "call":
        use.arm.passed = report.passed
    if report.failed:
        told = use.tell()
        if told:
            report.sections.append((_SECTION, told))
    if call.when == "teardown":
        # An attribute goes with the report from a worker of pytest-xdist to the summary.
        setattr(report, _WRITTEN, use.written)
        del item.stash[_USE]  # or every simulator would live as long as its test's item
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = (report for reports in terminalreporter.stats.values() for report in reports)
    written = sorted(filter(None, (getattr(report, _WRITTEN, "") for report in reports)))
    if written:
        terminalreporter.section("azfiles: cassettes written")
        for line in written:
            terminalreporter.line(line)
