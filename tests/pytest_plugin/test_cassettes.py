"""Cassettes of tests: their names, their modes, and what is written when."""

from __future__ import annotations

import fcntl
import os
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azfiles.cassette.document import read_cassette
from azfiles.cassette.locking import CassetteLock
from azfiles.transports.taping import Mode
from azfiles_sim.pytest_plugin.choosing import Asked, check_mark, chosen_mode
from azfiles_sim.pytest_plugin.naming import file_name
from tests.pytest_plugin.conftest import Run

pytest_plugins = ("pytester",)

Cassettes = Callable[[], list[str]]


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_cassette_lies_beside_the_module_and_is_named_from_class_test_and_parameters(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.mkpydir("below")
    pytester.path.joinpath("below", "test_names.py").write_text(
        """
import pytest

pytestmark = pytest.mark.azfiles_cassette


def test_plain(azfiles_share): ...


class TestOuter:
    class TestInner:
        @pytest.mark.parametrize("value", [4, "a/../b", "a:b", pytest.param("x", id="x" * 300)])
        def test_it(self, azfiles_share, value): ...


@pytest.mark.azfiles_cassette("shared")
def test_named(azfiles_share): ...


@pytest.mark.azfiles_cassette(name="other/one.json")
def test_elsewhere(azfiles_share): ...
"""
    )
    run().assert_outcomes(passed=7)
    folder = pytester.path / "below" / "cassettes"
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert names == [
        "other/one.json",
        "shared.yaml",
        "test_names/TestOuter.TestInner.test_it-4.yaml",
        "test_names/TestOuter.TestInner.test_it-a---b-c59605d4.yaml",
        "test_names/TestOuter.TestInner.test_it-a-b-62abfb59.yaml",
        f"test_names/TestOuter.TestInner.test_it-{'x' * 72}-f2b17cc9.yaml",
        "test_names/test_plain.yaml",
    ]
    run("--azfiles-record=none").assert_outcomes(passed=7)


def test_names_that_differ_are_files_that_differ_also_where_capitals_do_not_count() -> None:
    parameters = ("a/b", "a-b", "A-b", "a:b", "a b", "a\\b", "..", ".", "a.", "a", "x" * 200, "x" * 201, "é", "\\xe9")
    names = [file_name("test_it", one) for one in parameters]
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name) <= 110 and not set(name) & set('/\\:*?"<>| \n') for name in names)
    assert not [name for name in names if name.endswith(".") or ".." in name]


# --- modes ------------------------------------------------------------------------------------------------------------

SHARES = """
import os, pytest

@pytest.mark.azfiles_cassette
def test_it(azfiles_client):
    for label in os.environ["SHARES"].split():
        azfiles_client.share(label).create()
"""


def test_each_mode_of_the_command_line_writes_what_it_says(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(test_modes=SHARES)
    path = pytester.path / "cassettes" / "test_modes" / "test_it.yaml"
    for mode, shares, outcomes, recorded in (
        ("once", "one", {"passed": 1}, "one"),
        ("once", "two", {"failed": 1}, "one"),
        ("none", "one", {"passed": 1}, "one"),
        ("new", "one two", {"passed": 1}, "one two"),
        ("all", "three", {"passed": 1}, "three"),
    ):
        monkeypatch.setenv("SHARES", shares)
        run(f"--azfiles-record={mode}").assert_outcomes(**outcomes)
        uris = [one.request.uri.partition("?")[0] for one in read_cassette(path)]
        assert " ".join(uri.rpartition("/")[2] for uri in uris) == recorded


@pytest.mark.parametrize(
    ("options", "marked", "ci", "mode"),
    [
        ({}, None, "", "once"),
        ({}, None, "true", "none"),
        ({}, None, "1", "none"),
        ({}, None, "false", "once"),
        ({}, "all", "", "all"),
        ({}, "all", "true", "none"),  # nothing is recorded in CI by itself
        ({"record": "all"}, None, "true", "all"),
        ({"record": "once"}, "all", "", "once"),  # the command line goes before the mark
        ({"record": "none"}, "all", "", "none"),
        ({"record": "all"}, "none", "", "none"),  # but not where the mark says none
        ({"simulator": True}, "none", "", "none"),
        ({"live": True}, "none", "", "none"),
        ({"simulator": True}, "all", "true", "live"),
        ({"live": True}, "once", "true", "live"),
        ({"live": True, "record": "new"}, None, "", "new"),
    ],
)
def test_the_command_line_the_mark_and_ci_choose_the_mode(
    options: dict[str, Any], marked: Mode | None, ci: str, mode: Mode
) -> None:
    given = {"record": None, "live": False, "simulator": False} | options
    asked = Namespace(**{f"azfiles_{name}": value for name, value in given.items()})
    assert chosen_mode(asked, Asked(mode=marked), {"CI": ci} if ci else {}) == mode


def test_in_ci_a_missing_cassette_is_an_error_of_the_first_request_that_says_how_to_get_it(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch, cassettes: Cassettes
) -> None:
    pytester.makepyfile("""
        import pytest

        def test_it(azfiles_cassette, azfiles_share): ...

        @pytest.mark.azfiles_cassette(mode="none")
        def test_never_recorded(azfiles_client):
            azfiles_client.share("data").create()
    """)
    monkeypatch.setenv("CI", "true")
    result = run()
    result.assert_outcomes(errors=1, failed=1)
    result.stdout.re_match_lines([r".*there is no cassette .*/test_it\.yaml; record it with --azfiles-record=once.*"])
    (told,) = (line for line in result.outlines if line.startswith("E ") and "test_never_recorded.yaml" in line)
    assert told.endswith('put the file there, or take mode="none" out of the mark')
    assert "--azfiles-record" not in told
    assert cassettes() == []


def test_a_test_that_sends_nothing_needs_no_cassette(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch, cassettes: Cassettes
) -> None:
    """None is written for it where one may be, so none may be asked for where none may be written."""
    pytester.makepyfile("""
        import pytest

        @pytest.mark.azfiles_cassette
        def test_it(azfiles_client, azfiles_clock, azfiles_share_name):
            assert azfiles_client.share(azfiles_share_name())
            azfiles_clock.advance(5)
    """)
    run().assert_outcomes(passed=1)
    assert cassettes() == []
    monkeypatch.setenv("CI", "true")
    run().assert_outcomes(passed=1)


def test_a_mark_that_cannot_be_meant_is_refused(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("""
        import pytest

        mark = pytest.mark.azfiles_cassette
        marks = [mark(allow_unplayd=True), mark(zzz=1), mark(mode="rewrite"), mark(secrets="abc"), mark("a", "b"),
                 mark(secrets=[5]), mark(secrets=5), mark(body_limit=-1)]

        @pytest.mark.parametrize("number", [pytest.param(n, marks=one) for n, one in enumerate(marks)])
        def test_it(azfiles_client, number): ...
    """)
    result = run()
    result.assert_outcomes(errors=8)
    result.stdout.fnmatch_lines(
        [
            "the mark azfiles_cassette knows no 'allow_unplayd'; did you mean allow_unplayed[?]",
            "the mark azfiles_cassette knows no 'zzz'; it knows name, mode, secrets, *",
            "the mark azfiles_cassette: mode 'rewrite' is none of none, once, new, all, live",
            "the mark azfiles_cassette: secrets is a list of texts",
            "the mark azfiles_cassette takes a name, and all else by keyword",
            "the mark azfiles_cassette: secrets is a list of texts",
            "the mark azfiles_cassette: secrets is a list of texts",
            "the mark azfiles_cassette: body_limit -1 is neither a number of bytes nor None",
        ],
        consecutive=False,
    )


@pytest.mark.parametrize(
    "name", ["../../evil", "a/../../evil", "..", "", "/evil", "..\\evil", "\\evil", "C:evil", "C:\\evil", 5]
)
def test_the_name_of_a_mark_cannot_lead_out_of_the_folder(name: object) -> None:
    with pytest.raises(ValueError, match="is not a file in the folder cassettes or below it"):
        check_mark({"name": name})
    check_mark({"name": "below/..a file.json"})


def test_a_mark_that_does_nothing_is_warned_of(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.azfiles_cassette
        @pytest.mark.parametrize("name", ["azfiles_simulator", "tmp_path", "azfiles_transport"])
        def test_it(name, request):
            request.getfixturevalue(name)

        @pytest.mark.azfiles_cassette
        class TestMarkedAsAWhole:
            def test_of_something_else(self): ...
    """)
    result = run("-W", "default::pytest.PytestWarning")
    result.assert_outcomes(passed=4, warnings=2)
    result.stdout.fnmatch_lines(["*PytestWarning: marked with azfiles_cassette, but none of azfiles' fixtures*"])


def test_marks_of_module_class_and_test_add_up_and_the_nearest_counts(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile("""
        import pytest

        pytestmark = pytest.mark.azfiles_cassette(secrets=["correcthorse"], repeat_last=True, name="module")

        @pytest.mark.azfiles_cassette(secrets=["batterystaple"])
        class TestIt:
            @pytest.mark.azfiles_cassette(name="mine")
            def test_it(self, azfiles_share):
                azfiles_share.file("a").upload(b"correcthorse and batterystaple")
                for _ in range(1 if "mine.yaml" not in open_cassettes() else 3):
                    azfiles_share.file("a").get_properties()

        def open_cassettes():
            from pathlib import Path
            return [path.name for path in Path(__file__).parent.rglob("*.yaml")]
    """)
    run().assert_outcomes(passed=1)
    text = (pytester.path / "cassettes" / "mine.yaml").read_text()
    assert "correcthorse" not in text
    assert "batterystaple" not in text
    run().assert_outcomes(passed=1)  # the last read is answered again and again: repeat_last of the module


# --- what is written when -----------------------------------------------------------------------------------------------


def test_a_failing_test_leaves_its_cassette_as_it_was_and_no_bodies_behind(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        test_it="""
        import os, pytest

        @pytest.fixture
        def cleaned(azfiles_share):
            yield azfiles_share
            assert os.environ["FAIL"] != "teardown"

        @pytest.mark.azfiles_cassette(body_limit=1000)
        @pytest.mark.parametrize("size", [10, 2000])
        def test_it(cleaned, size):
            cleaned.file("a").upload(os.environ["FAIL"].encode().ljust(size))
            assert os.environ["FAIL"] != "call"
            if os.environ["FAIL"] == "skip":
                pytest.skip("later")
    """
    )
    kept: dict[str, bytes] = {}
    for fail, outcomes in (
        ("nothing", {"passed": 2}),
        ("call", {"failed": 2}),
        ("teardown", {"passed": 2, "errors": 2}),
        ("skip", {"skipped": 2}),
    ):
        monkeypatch.setenv("FAIL", fail)
        result = run("--azfiles-record=all")
        result.assert_outcomes(**outcomes)
        found = {
            str(path): path.read_bytes() for path in pytester.path.joinpath("cassettes").rglob("*") if path.is_file()
        }
        if fail == "nothing":
            kept = found
            assert len(found) == 3  # two cassettes and a body
            result.stdout.fnmatch_lines(["*azfiles: cassettes written*", "*test_it-10.yaml (from the simulator)"])
        elif fail == "call":
            result.stdout.fnmatch_lines(["Nothing of this is recorded, as the test failed: *-10.yaml is as it was."])
        assert found == kept
        assert (fail == "nothing") == ("azfiles: cassettes written" in result.stdout.str())


def test_what_fixtures_ask_after_the_test_is_in_its_cassette_and_no_request_makes_none(
    pytester: pytest.Pytester, run: Run, cassettes: Cassettes
) -> None:
    pytester.makepyfile(
        test_it="""
        import pytest

        pytestmark = pytest.mark.azfiles_cassette

        @pytest.fixture
        def removed(azfiles_share):
            yield azfiles_share
            azfiles_share.delete()

        def test_removed(removed): ...

        def test_nothing(azfiles_client): ...
    """
    )
    run().assert_outcomes(passed=2)
    assert cassettes() == ["test_it/test_removed.yaml"]
    recorded = read_cassette(pytester.path / "cassettes" / "test_it" / "test_removed.yaml")
    assert [one.request.method for one in recorded] == ["PUT", "DELETE"]
    run("--azfiles-record=none", "-k", "removed").assert_outcomes(passed=1)


def test_what_was_recorded_and_not_asked_for_is_an_error_unless_allowed(pytester: pytest.Pytester, run: Run) -> None:
    body = """
        import pytest

        @pytest.mark.azfiles_cassette({marked})
        def test_it(azfiles_client):
            {request}
    """
    pytester.makepyfile(test_it=body.format(marked="", request="azfiles_client.share('data').create()"))
    run().assert_outcomes(passed=1)
    pytester.makepyfile(test_it=body.format(marked="", request="..."))
    for arguments in ([], ["--azfiles-record=new"]):
        result = run(*arguments)
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["cassette * 1 of 1 recorded requests were not asked for *Create Share /data"])
    pytester.makepyfile(test_it=body.format(marked="allow_unplayed=True", request="..."))
    run().assert_outcomes(passed=1)


def test_a_test_may_go_on_past_the_end_of_its_recording(
    pytester: pytest.Pytester, run: Run, cassettes: Cassettes
) -> None:
    body = """
        import pytest

        @pytest.mark.azfiles_cassette(continue_with_simulator=True)
        def test_it(azfiles_share):
            azfiles_share.directory("recorded").create()
            {more}
    """
    pytester.makepyfile(test_it=body.format(more="..."))
    run().assert_outcomes(passed=1)
    path = pytester.path / "cassettes" / cassettes()[0]
    before = path.read_bytes()
    more = "assert [one.name for one in azfiles_share.root.list()] == ['recorded']"
    pytester.makepyfile(test_it=body.format(more=more))
    run("--azfiles-record=none").assert_outcomes(passed=1)
    assert path.read_bytes() == before
    pytester.makepyfile(test_it=body.format(more=more).replace("continue_with_simulator=True", ""))
    run("--azfiles-record=none").assert_outcomes(failed=1)


def test_a_damaged_cassette_is_told_in_one_line(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(test_it="def test_it(azfiles_cassette): ...")
    path = pytester.path / "cassettes" / "test_it" / "test_it.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("interactions: 5")
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"cassette {path}: *"])
    assert path.read_text() == "interactions: 5"


def test_a_recording_keeps_the_times_of_the_simulator_and_a_replay_lives_in_them(
    pytester: pytest.Pytester, run: Run
) -> None:
    pytester.makepyfile("""
        import azfiles, pytest

        @pytest.mark.azfiles_cassette
        def test_it(azfiles_share, azfiles_clock):
            begun = azfiles_clock.time()
            azfiles_share.acquire_lease(duration_s=60)
            with pytest.raises(azfiles.LeaseConflict):
                azfiles_share.delete()
            azfiles_clock.advance(61)
            azfiles_share.delete()
            assert azfiles_clock.time() - begun == pytest.approx(61, abs=0.01)
    """)
    run().assert_outcomes(passed=1)
    run("--azfiles-record=none").assert_outcomes(passed=1)


def test_the_cassette_is_not_to_be_had_in_the_middle_of_a_test_that_went_on_without(
    pytester: pytest.Pytester, run: Run, cassettes: Cassettes
) -> None:
    pytester.makepyfile("""
        def test_it(azfiles_client, request):
            request.getfixturevalue("azfiles_cassette")
    """)
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["mark the test with azfiles_cassette, or name the fixture among its arguments*"])


# --- several at once ----------------------------------------------------------------------------------------------------


def taken(lock_folder: Path, how: int) -> bool:
    """Whether somebody is in the way of such a lock on the only cassette."""
    [path] = [one for one in lock_folder.glob("azfiles-cassette-locks-*/*") if one.suffix != ".saving"]
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def test_who_may_write_a_cassette_is_alone_and_who_replays_shares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    lock = CassetteLock.take(tmp_path / "a.yaml", exclusive=True)
    assert taken(tmp_path, fcntl.LOCK_SH)
    assert taken(tmp_path, fcntl.LOCK_EX)
    lock.change(exclusive=False)
    other = CassetteLock.take(tmp_path / "." / "a.yaml", exclusive=False)
    assert not taken(tmp_path, fcntl.LOCK_SH)
    assert taken(tmp_path, fcntl.LOCK_EX)
    lock.release()
    lock.release()
    other.release()
    assert not taken(tmp_path, fcntl.LOCK_EX)


def test_no_lock_outlives_its_test_and_plain_replays_take_none(
    pytester: pytest.Pytester, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = tmp_path / "locks"
    locks.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(locks))
    pytester.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.azfiles_cassette(body_limit=10)
        def test_large(azfiles_share):
            azfiles_share.file("a").upload(b"x" * 100)

        @pytest.mark.azfiles_cassette
        def test_plain(azfiles_share): ...
    """
    )
    run("-k", "test_plain").assert_outcomes(passed=1)
    for path in locks.glob("*/*"):
        path.unlink()
    run("-k", "test_plain").assert_outcomes(passed=1)
    assert list(locks.glob("*/*")) == []
    for _ in range(2):  # recorded alone, then replayed beside others, because of the bodies
        run("-k", "test_large").assert_outcomes(passed=1)
        assert not taken(locks, fcntl.LOCK_EX)
    bodies = pytester.path / "cassettes" / "test_it" / "test_large.yaml"
    bodies.write_text("damaged")
    run("-k", "test_large").assert_outcomes(errors=1, deselected=1)
    assert not taken(locks, fcntl.LOCK_EX)
