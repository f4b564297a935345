"""The simulator object: determinism, fork, reset, journal, handles, and its own faults."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading

import pytest

import azfiles_sim
from azfiles_sim import AccountsError, AccountSpec, ManualClock, Request, Simulator, SystemClock
from azfiles_sim.accounts import EMULATOR_KEY
from azfiles_sim.journal import Journal
from azfiles_sim.storage.memory import MemoryStore

from .asking import ACCOUNT, CREATE, KEY, NEWEST, UPDATE, Asker, code, content, header, service_sas

ACQUIRE = (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "-1"))


def story(asker: Asker) -> list[object]:
    asker.with_share()
    replies = [
        asker.ask("PUT", "/data/d/f?comp=lease", *ACQUIRE),
        asker.ask("GET", "/data?restype=directory&comp=list&include=timestamps,etag"),
        asker.ask("GET", "/gone?restype=share"),
    ]
    return [(reply.status, list(reply.headers), content(reply)) for reply in replies]


def test_the_same_seed_and_the_same_requests_give_the_same_bytes() -> None:
    assert story(Asker(seed=7)) == story(Asker(seed=7))
    assert story(Asker(seed=7)) != story(Asker(seed=8))


def test_request_ids_have_the_form_of_the_services_and_never_repeat() -> None:
    asker = Asker()
    ids = [header(asker.ask("GET", "/?comp=list"), "x-ms-request-id") or "" for _ in range(200)]
    assert len(set(ids)) == 200
    for one in ids:
        assert [len(group) for group in one.split("-")] == [8, 4, 4, 4, 12]
        assert one.endswith("000000")


def test_a_fork_lives_on_apart_and_gives_out_the_same_ids() -> None:
    asker = Asker().with_share()
    fork = asker.simulator.fork()
    original, asker.simulator = asker.simulator, fork
    forked = asker.ask("PUT", "/data/d/f?comp=lease", *ACQUIRE)
    asker.simulator = original
    here = asker.ask("PUT", "/data/d/f?comp=lease", *ACQUIRE)
    assert header(here, "x-ms-lease-id") == header(forked, "x-ms-lease-id")
    assert asker.ask("DELETE", "/data?restype=share").status == 202
    asker.simulator = fork
    assert asker.ask("GET", "/data?restype=share").status == 200
    assert isinstance(fork.clock, ManualClock)
    fork.clock.advance(1)
    assert asker.clock.now() != fork.clock.now()
    assert len(original.journal) == 6
    shared = Simulator(clock=SystemClock())
    assert shared.fork().clock is shared.clock


def test_a_reset_goes_back_to_the_beginning_ids_and_journal_too() -> None:
    asker = Asker()
    first = story(asker)
    asker.simulator.reset()
    assert len(asker.simulator.journal) == 0
    assert story(asker) == first
    fork = asker.simulator.fork()
    fork.reset()
    asker.simulator = fork
    assert asker.ask("GET", "/data?restype=share").status == 200


def test_the_defaults_are_the_emulators_account_and_the_machines_clock() -> None:
    simulator = Simulator()
    assert [spec.name for spec in simulator.accounts] == ["devstoreaccount1"]
    assert simulator.accounts[0].key_text() == EMULATOR_KEY
    assert isinstance(simulator.clock, SystemClock)
    assert repr(simulator) == "<Simulator of devstoreaccount1>"
    with pytest.raises(AccountsError):
        Simulator([AccountSpec("abc", "standard", (b"k",))] * 2)


def test_a_given_store_keeps_its_shares_and_takes_new_keys() -> None:
    store = MemoryStore()
    asker = Asker(store=store).with_share()
    again = Simulator([AccountSpec(ACCOUNT, "premium", (b"new key",))], clock=asker.clock, store=store)
    asker.simulator = again
    assert asker.ask("GET", "/data?restype=share", key=b"new key").status == 200
    assert asker.ask("GET", "/data?restype=share").status == 403


def test_the_journal_tells_what_was_asked_without_any_secret() -> None:
    asker = Asker().with_share()
    sas = service_sas("data/d/f")
    asker.with_sas("GET", "/data/d/f", sas)
    asker.with_sas("GET", "/data/d/f", sas.replace("sig=", "s%69g="))
    asker.send(Request("GET", f"nonsense?{sas}"))
    asker.ask("GET", "/gone/f", ("x-ms-copy-source", "https://x/?sig=SECRET"))
    entries = asker.simulator.journal.entries()
    signature = sas.rpartition("sig=")[2]
    text = json.dumps([entry._asdict() for entry in entries])
    assert signature not in text
    assert "SECRET" not in text
    assert KEY.decode() not in text
    assert text.count("REDACTED") == 3
    ok, _, malformed, gone = entries[-4:]
    assert (ok.operation, ok.account, ok.status, ok.error_code, ok.version) == ("Get File", ACCOUNT, 200, "", NEWEST)
    assert (malformed.operation, malformed.account, malformed.status) == ("", "", 400)
    assert (gone.status, gone.error_code) == (404, "ShareNotFound")


def test_the_journal_forgets_the_oldest() -> None:
    asker = Asker(journal_limit=2)
    for prefix in "abc":
        asker.ask("GET", f"/?comp=list&prefix={prefix}")
    assert [entry.target[-1] for entry in asker.simulator.journal] == ["b", "c"]
    assert len(Journal()) == 0


def test_a_fault_of_its_own_is_500_logged_without_values_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asker = Asker().with_share()
    before = asker.simulator.fork()

    def fail(*_details: object) -> None:
        raise KeyError("a SECRET value")

    monkeypatch.setattr("azfiles_sim.pipeline.apply_rules", fail)
    with caplog.at_level(logging.ERROR, "azfiles_sim"):
        reply = asker.ask("PUT", "/data/d/f?comp=metadata")
    assert (reply.status, code(reply)) == (500, "InternalError")
    assert "KeyError" in caplog.text
    assert "SECRET" not in caplog.text
    assert asker.simulator._service.store.view() is before._service.store.view()


def test_a_handle_is_planted_only_on_what_exists_and_with_an_id_of_its_own() -> None:
    asker = Asker().with_share()
    simulator = asker.simulator
    assert simulator.open_handle(ACCOUNT, "data", "d", handle_id=5) == 5
    assert simulator.open_handle(ACCOUNT, "data", "/d/f/") == 6
    with pytest.raises(ValueError, match="open already"):
        simulator.open_handle(ACCOUNT, "data", "d", handle_id=5)
    for share, path in (("gone", ""), ("data", "gone"), ("data", "gone/x"), ("UPPER", "")):
        with pytest.raises(LookupError):
            simulator.open_handle(ACCOUNT, share, path)
    with pytest.raises(LookupError):
        simulator.open_handle("nobody", "data")


def test_a_buffer_that_its_sender_fills_again_does_not_change_the_file() -> None:
    asker = Asker().with_share()
    reusable = bytearray(b"abcd")
    for position, body in enumerate(
        (
            [reusable],
            [memoryview(reusable).toreadonly()[:2], memoryview(bytes(reusable))[2:]],
        )
    ):
        pairs = [("x-ms-date", asker.date()), ("x-ms-version", NEWEST), *UPDATE, ("Content-Length", "4")]
        from .asking import sign, string_to_sign

        target = f"/{ACCOUNT}/data/d/f?comp=range"
        pairs.append(
            ("Authorization", f"SharedKey {ACCOUNT}:{sign(string_to_sign('PUT', target, pairs, ACCOUNT), KEY)}")
        )
        assert asker.send(Request("PUT", target, pairs, body)).status == 201, position
        reusable[:] = b"zzzz"
        assert content(asker.ask("GET", "/data/d/f", ("x-ms-range", "bytes=0-3"))) == b"abcd"
        reusable[:] = b"abcd"


def test_threads_may_write_at_once_and_no_etag_is_given_out_twice() -> None:
    asker = Asker().with_share()
    tags: list[str] = []

    def write(number: int) -> None:
        for turn in range(20):
            reply = asker.ask("PUT", f"/data/t{number}-{turn}", *CREATE)
            tags.append(header(reply, "ETag") or "")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tags) == len(set(tags)) == 80


def test_the_public_names_are_exactly_those_that_all_lists() -> None:
    assert all(hasattr(azfiles_sim, name) for name in azfiles_sim.__all__)
    assert azfiles_sim.__all__ == sorted(azfiles_sim.__all__, key=lambda name: (not name.isupper(), name))


def test_importing_the_package_loads_nothing_of_it_until_a_name_is_used() -> None:
    code = (
        "import sys, azfiles_sim; found = [name for name in sys.modules if name.startswith('azfiles')];"
        "azfiles_sim.Simulator; print(found, 'azfiles_sim.simulator' in sys.modules, 'Simulator' in dir(azfiles_sim))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "['azfiles_sim'] True True\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = azfiles_sim.nonsense
