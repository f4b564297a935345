"""The inspector's page in a real Chromium, with a real keyboard: what it shows, what it refuses, that it does not stall.

With AZFILES_SCREENSHOTS=1 the pictures in ``docs/images`` are made anew.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import azfiles
from azfiles_sim import OffsetClock
from azfiles_sim.inspector import InspectedSimulator
from tests.proof import THOROUGH

from .browser import Page, browser
from .stage import HOSTILE, TOKEN, Stage, drifted_cassette, fill_directory, fill_journal, furnish

pytestmark = pytest.mark.skipif(not THOROUGH, reason="it starts a browser: AZFILES_THOROUGH=1, as in CI, has it")

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SCREENSHOTS = os.environ.get("AZFILES_SCREENSHOTS") == "1"
DOWN, UP, RIGHT, LEFT = "\ue015", "\ue013", "\ue014", "\ue012"
HOME, END, ENTER, ESCAPE, TAB = "\ue011", "\ue010", "\ue007", "\ue00c", "\ue004"
MOST_STALL_MS = 400
"""So long may one task take, without graphics on two cores that others keep busy. On a quiet machine it is 60 ms."""

TRIES = 4
"""Where others keep the machine busy every task takes long: a stall of the page's own is there each time."""

WATCH_STALLS = """
window.gaps = []; window.tasks = []; window.watching?.disconnect();
let last = performance.now();
const mine = gaps;
(function beat(now) { mine.push(now - last); last = now; if (mine === gaps) requestAnimationFrame(beat); })(last);
window.watching = new PerformanceObserver((list) => list.getEntries().forEach((entry) => tasks.push(entry.duration)));
watching.observe({ type: "longtask" });
"""
SCROLL_THROUGH = """
const done = arguments[1], view = document.querySelector(arguments[0]), steps = 120;
let step = 0;
(function next() {
  view.scrollTop = (view.scrollHeight * step) / steps;
  if (step++ < steps) requestAnimationFrame(next); else requestAnimationFrame(done);
})();
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    furnish(made)
    return made


@pytest.fixture
def served(page: Page, stage: Stage) -> Iterator[str]:
    """The page's address, without its token. The browser may find no error and nothing that the policy refuses."""
    page.prefer("light")
    with stage.served() as served:
        yield f"http://127.0.0.1:{served.port}/"
        complaints = page.complaints()
        page.driver.get("about:blank")
    assert complaints == []


def picture(page: Page, name: str) -> None:
    if SCREENSHOTS:
        IMAGES.mkdir(exist_ok=True)
        path = IMAGES / f"inspector-{name}.png"
        page.picture(path)
        assert path.stat().st_size < 200_000


def walk_to_july(page: Page) -> None:
    """From the account, by keys alone: open ``reports`` and ``2026``, go to its last file."""
    page.until_text("2 shares", "[role=tree]")
    page.run("document.querySelector('[role=treeitem][tabindex=\"0\"]').focus()")
    for keys, there in (
        ((DOWN, DOWN), "reports"),
        ((RIGHT, DOWN, DOWN, DOWN), "2026"),
        ((RIGHT, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN), "july.parquet"),
    ):
        for key in keys:
            rows = page.text("[role=tree]")
            page.keys(key)
            if key == RIGHT:
                page.until(lambda rows=rows: page.text("[role=tree]") != rows, "the children")
        page.until(lambda there=there: there in page.focused(), there)


def test_the_tree_is_walked_by_keys_and_a_file_shows_ranges_lease_metadata_permissions_and_handles(page, served):
    page.open(f"{served}#{TOKEN}")
    walk_to_july(page)
    page.until_text("5 ranges, 376 KiB of 1 MiB", ".split .detail")
    detail = page.text(".split .detail")
    for expected in (
        "source\ntill 7",
        "password\nnot shown",
        "Leased",
        "without end",
        "98,304",
        "NO_ACCESS_CONTROL",
        "desk-4",
        "Archive",
    ):
        assert expected in detail
    bars = page.run(
        "return [...document.querySelectorAll('svg.ranges rect')].map((bar) => Number(bar.getAttribute('x')))"
    )
    assert bars == [0, 93.75, 250, 500, 750]
    row = page.driver.switch_to.active_element
    told = [row.get_attribute(f"aria-{name}") for name in ("level", "posinset", "setsize", "selected")]
    assert told == ["4", "7", "7", "true"]
    picture(page, "light")
    page.prefer("dark")
    picture(page, "dark")
    page.keys(LEFT)  # to the directory, and closes it
    assert "2026" in page.focused()
    page.keys(LEFT)
    page.until(lambda: "july" not in page.text("[role=tree]"), "a closed directory")


def test_a_name_that_wants_to_be_markup_is_a_text(page, served):
    page.open(f"{served}#{TOKEN}")
    walk_to_july(page)
    page.keys(DOWN, RIGHT)
    page.until_text("<script>", "[role=tree]")
    page.keys(DOWN)
    page.until_text("<img src=x onerror=x>", ".split .detail")
    assert HOSTILE.replace("\u202e", "\\u{202e}") in page.text(".split .detail h2")  # nor is it read backwards
    assert len(page.all("script")) == 1
    assert page.run("return document.querySelectorAll('.view img').length") == 0


def test_the_policy_lets_no_text_become_markup(page, served):
    """The browser itself refuses what the page does not do."""
    page.open(f"{served}#{TOKEN}")
    for attempt in (
        "document.body.innerHTML = '<b>bold</b>'",
        "const script = document.createElement('script'); script.text = '1'",
    ):
        with pytest.raises(Exception, match=r"TrustedHTML|TrustedScript"):
            page.run(attempt)
    refused = page.run(
        "const style = document.createElement('style'); style.textContent = 'body { color: red }';"
        "document.head.append(style); return style.sheet === null"
    )
    assert refused
    assert all("violates" in line or "requires" in line for line in page.complaints())


def test_a_directory_of_100000_entries_is_a_number_and_a_few_pages(page, stage, served):
    fill_directory(stage, 100_000)
    page.open(f"{served}#{TOKEN}")
    page.until_text("3 shares", "[role=tree]")
    page.run("document.querySelector('[role=treeitem][tabindex=\"0\"]').focus()")
    page.keys(DOWN, DOWN, DOWN)
    page.until(lambda: "wide" in page.focused(), "the share")
    page.keys(RIGHT)
    page.until_text("many", "[role=tree]")
    page.keys(DOWN)

    def open_and_scroll() -> None:
        page.keys(RIGHT)
        page.until_text("part-000010.bin", "[role=tree]")
        page.driver.execute_async_script(SCROLL_THROUGH, "[role=tree]")
        page.keys(END)
        page.until_text("part-099999.bin", "[role=tree]")
        assert page.driver.switch_to.active_element.get_attribute("aria-posinset") == "100000"
        assert len(page.all("[role=treeitem]")) < 100  # only what is in sight are elements

    def close_again() -> None:
        page.keys(LEFT, LEFT)
        page.until(lambda: "part-" not in page.text("[role=tree]"), "a closed directory")

    refuse_stalls(page, open_and_scroll, close_again, "100,000 entries opened and scrolled through")
    jump = page.one("#jump")
    jump.send_keys("PART-0712", ENTER)
    page.until(lambda: "part-071200.bin" in page.focused(), "the first name that begins so")
    page.until_text("part-071200.bin", ".split .detail")
    picture(page, "long-tree")


def test_10000_requests_load_scroll_and_filter_without_a_stall(page, stage, served):
    stage.simulator.journal.clear()
    fill_journal(stage, 10_000)
    counted = "#view-requests [role=status]"

    def load_scroll_and_filter() -> None:
        page.show("requests")
        page.until_text("10,000 requests", counted)  # not in the whole page: asking for its text is work, too
        page.driver.execute_async_script(SCROLL_THROUGH, ".journal .viewport")
        page.one("#filter").send_keys("404 118-inv")
        page.until(lambda: re.search(r"\b\d+ of 10,000 requests", page.text(counted)), "fewer rows")
        assert len(page.all(".journal .row")) < 100

    def open_anew() -> None:
        page.driver.get("about:blank")
        page.open(f"{served}#{TOKEN}")

    open_anew()
    refuse_stalls(page, load_scroll_and_filter, open_anew, "10,000 requests loaded, scrolled through and filtered")


def refuse_stalls(page: Page, act: Callable[[], None], before_another: Callable[[], None], what: str) -> None:
    """Do something while it is watched how long tasks and frames take; fail where it stalls each time."""
    longest: list[float] = []
    for _ in range(TRIES):
        if longest:
            before_another()
        page.run(WATCH_STALLS)
        act()
        gaps, tasks = page.run("return [window.gaps, window.tasks]")
        longest.append(max(tasks, default=0))
        print(f"{what}: longest task {longest[-1]:.0f} ms, longest time between frames {max(gaps):.0f} ms")
        if longest[-1] < MOST_STALL_MS:
            return
    pytest.fail(f"{what}: tasks of {longest} ms, more than {MOST_STALL_MS}")


def test_the_page_keeps_no_more_rows_than_it_says(page, stage, served):
    page.open(f"{served}#{TOKEN}")
    page.show("requests")
    page.until_text("46 requests")
    fill_journal(stage, 9_990)
    page.until_text("10,000 requests")
    page.run("document.querySelector('.journal .viewport').scrollTop = 0")
    page.until(lambda: page.text(".journal [aria-rowindex='2']").startswith("37\n"), "the first that is not forgotten")


def test_a_request_is_found_and_shown_with_its_reply_but_without_its_secrets(page, stage, served):
    with stage.connect(retry=None) as service:
        file = service.share("reports").file("absent.txt")
        with pytest.raises(FileNotFoundError):
            file.get()
        held = service.share("reports").file("october.txt").acquire_lease()
        service.share("reports").file("october.txt").put_range(0, b"sold: 19", lease_id=held.id)
    page.open(f"{served}#{TOKEN}")
    page.show("requests")
    page.until_text("absent.txt")
    page.one("#filter").send_keys("get absent")
    page.until_text("1 of 49 requests")
    page.one("[role=radio]:nth-of-type(3)").click()
    page.one(".journal .row").click()
    page.until_text("<Code>ResourceNotFound</Code>", "#view-requests .detail")
    shown = page.text("#view-requests .detail")
    assert "404 ResourceNotFound" in shown
    assert "Authorization\nnot shown" in shown
    page.type("#filter", "")
    page.until_text("9 of 49 requests")
    page.all(".journal .row")[-1].click()
    picture(page, "error")
    page.one("[role=radio]:nth-of-type(1)").click()
    page.type("#filter", "range october")
    page.until(lambda: len(page.all(".journal .row")) == 1, "the write under the lease")
    page.one(".journal .row").click()
    page.until_text("x-ms-lease-id", "#view-requests .detail")
    page.until_text("sold: 19", "#view-requests .detail")
    source = page.run("return document.documentElement.outerHTML")
    assert held.id not in source
    assert "SharedKey" not in source
    page.keys(ESCAPE)
    page.until(lambda: not page.one("#view-requests .detail").is_displayed(), "a closed panel")
    assert "/reports/october.txt" in page.focused()  # the focus is back on its row


def test_a_request_that_a_fault_lost_stands_among_the_others_where_it_came(page, stage, served):
    page.open(f"{served}#{TOKEN}")
    page.show("requests")
    page.until_text("46 requests")
    stage.ask("PUT", "/look/plan", {"text": '[[rules]]\nfault = "lose_request"\nnth = 2\n'})
    with stage.connect(retry=None) as service:
        service.share("before").create()
        with pytest.raises(azfiles.TransportError):
            service.share("lost").create()
        service.share("after").create()
    page.until_text("48 requests and 1 fault", "#view-requests [role=status]")

    def last_three() -> list[str]:
        rows = page.run(
            "return [...document.querySelectorAll('.journal .row')].map((row) => [row.ariaRowIndex, row.innerText])"
        )
        return [text for _, text in sorted(rows, key=lambda row: int(row[0]))[-3:]]

    def in_order() -> bool:
        return all(name in text for name, text in zip(("/before", "/lost", "/after"), last_three(), strict=False))

    page.until(in_order, "the fault between the two requests")
    assert last_three()[1].startswith("#2\n")
    page.type("#filter", "fault lost")
    page.until_text("1 of 48 requests and 1 fault")
    page.one(".journal .row").click()
    page.until_text("request lost", "#view-requests .detail")
    page.keys(ESCAPE)
    page.type("#filter", "")
    page.one("[role=radio]:nth-of-type(3)").click()
    page.until(lambda: any("#2" in row.text for row in page.all(".journal .row")), "the fault among what was refused")
    # Another plan: its diary begins anew, and its first fault is told even where as many calls were made as before.
    plan = '[[rules]]\nfault = "lose_request"\nnth = 1\n'
    page.one("#view-requests [aria-pressed]").click()
    stage.ask("PUT", "/look/plan", {"text": plan})
    with stage.connect(retry=None) as service:
        for name in ("other", "another", "third"):
            with contextlib.suppress(azfiles.TransportError):
                service.share(name).create()
    page.one("#view-requests [aria-pressed]").click()
    page.until_text("50 requests and 2 faults", "#view-requests [role=status]")
    page.show("faults")
    page.until_text("#1\nPUT /other restype=share\nrequest lost", ".diary")


def test_pausing_holds_new_requests_back_and_going_on_brings_them(page, stage, served):
    page.open(f"{served}#{TOKEN}")
    page.show("requests")
    page.until_text("46 requests")
    page.one("[aria-pressed]").click()
    with stage.connect() as service:
        service.share("logs").directory("late").create()
    page.until_text("46 requests, 1 more waiting")
    assert "/logs/late" not in page.text(".journal")
    page.one("[aria-pressed]").click()
    page.until_text("/logs/late?restype=directory", ".journal")


def test_a_lease_counts_down_on_the_simulators_clock_and_ends_when_it_is_moved(page, served):
    page.open(f"{served}#{TOKEN}")
    page.show("leases")
    page.until_text("1 min 00 s left", "#view-leases")
    page.one(".clock").send_keys(ENTER)
    assert page.focused() == "+1 s"
    page.keys(ENTER)
    page.until_text("59.0 s left", "#view-leases")
    page.one("#clock-amount").clear()
    page.one("#clock-amount").send_keys("60", ENTER)
    page.until_text("Expired", "#view-leases")
    page.one("#clock-at").send_keys("2031-05-06T07:08:09Z", ENTER)
    page.until_text("2031-05-06 07:08:09", ".clock")
    page.one("#clock-at").send_keys("nonsense", ENTER)
    page.until_text("now must be an instant", "#clock-panel")
    assert page.complaints() != []  # the browser notes the refusal, a 400
    page.keys(ESCAPE)
    page.until(lambda: not page.one("#clock-panel").is_displayed(), "a closed clock")
    page.one("#view-leases button.link").click()
    page.until_text("Quota", "#view-files .detail")  # a lease leads to what it is on


def test_a_running_clock_counts_down_by_itself_and_is_frozen(page):
    stage = Stage(simulator=InspectedSimulator(clock=OffsetClock(), seed=7))
    furnish(stage)
    with stage.served() as served:
        page.open(f"http://127.0.0.1:{served.port}/#{TOKEN}")
        page.show("leases")
        page.until_text("s left", "#view-leases")
        first = page.text("time.countdown")
        page.until(lambda: page.text("time.countdown") != first, "a time that goes by")
        page.one(".clock").click()
        page.one("#clock-panel form ~ .buttons button").click()
        page.until_text("frozen", ".clock")
        page.until_text("Run on", "#clock-panel")
        assert stage.simulator.clock.frozen
        still = page.text(".clock")
        page.one("#clock-panel .buttons button").click()  # one second more
        page.until(lambda: page.text(".clock") != still, "the time that was moved")
        page.driver.get("about:blank")


def test_a_lease_that_ran_out_is_one_again_where_the_clock_is_set_back(page, stage, served):
    """In the table and beside the tree; the state is the same one all the while, only the time is another."""
    began = stage.ask("GET", "/clock")["now"]
    page.open(f"{served}#{TOKEN}")
    page.show("leases")
    page.until_text("1 min 00 s left", "#view-leases")
    page.one("#view-leases button.link").click()  # the share's, which is not without end
    page.until_text("1 min 00 s left", "#view-files .detail")
    for view, shown in (("files", "#view-files .detail"), ("leases", "#view-leases")):
        page.show(view)
        stage.ask("POST", "/clock/advance", {"seconds": 3600})
        page.until_text("Expired", shown)
        stage.ask("PUT", "/clock", {"now": began})
        page.until(lambda shown=shown: "Expired" not in page.text(shown), "a lease that lives again")
        page.until_text("1 min 00 s left", shown)  # the lease may be told before the time is


def test_the_focus_stays_where_it_was_when_what_has_it_is_drawn_anew(page):
    stage = Stage(simulator=InspectedSimulator(clock=OffsetClock(), seed=7))
    furnish(stage)
    with stage.served() as served:
        page.open(f"http://127.0.0.1:{served.port}/#{TOKEN}")
        page.one(".clock").send_keys(ENTER)
        page.keys(*[TAB] * 9, ENTER)  # after five steps and two fields with their buttons: Freeze
        page.until_text("Run on", "#clock-panel")
        assert page.focused() == "Run on"
        page.keys(ENTER)
        page.until_text("Freeze", "#clock-panel")
        page.one("#clock-panel h2").click()
        page.keys(ESCAPE)
        page.until(lambda: not page.one("#clock-panel").is_displayed(), "a closed clock")
        page.show("leases")
        page.until_text("july.parquet", "#view-leases")
        page.run("[...document.querySelectorAll('#view-leases button')].at(-1).focus()")
        with stage.connect() as service:
            service.share("reports").file("october.txt").acquire_lease()
        page.until_text("october.txt", "#view-leases")
        assert page.run("return document.activeElement.closest('#view-leases') !== null")
        page.driver.get("about:blank")


def test_escape_closes_an_interaction_wherever_in_it_one_clicked(page, served, tmp_path):
    page.open(f"{served}#{TOKEN}")
    page.show("cassette")
    page.one("#cassette-file").send_keys(str(drifted_cassette(tmp_path)))
    page.until_text("30 interactions")
    page.all(".cassette .row")[0].click()
    page.until_text("Interaction 1", "#view-cassette .detail")
    page.one("#view-cassette .detail h3").click()
    page.keys(ESCAPE)
    page.until(lambda: not page.one("#view-cassette .detail").is_displayed(), "a closed interaction")


def test_letters_that_are_not_seen_or_turn_the_writing_are_shown_by_their_numbers_everywhere(
    page, stage, served, tmp_path
):
    unseen = "\u202e\u200b\u061c\u3164\U000e0041"
    with stage.connect(retry=None) as service:
        share = service.share("reports")
        share.file("note.txt").upload(f"left\tright\r\n{unseen}end".encode(), metadata={"plain": "a"})
        share.file("note.txt").download()
        list(share.directory("drafts").list())
    stage.ask("PUT", "/look/plan", {"text": f'[[rules]]\nfault = "lose_lease"\nof = "s/{unseen}"\n'})
    stage.ask(
        "PUT", "/look/cassette", {"name": f"{unseen}.yaml", "text": drifted_cassette(tmp_path).read_text("utf-8")}
    )
    page.open(f"{served}#{TOKEN}")
    page.show("requests")
    for words, shown in (
        ("206 note.txt", "right\n\\u{202e}\\u{200b}\\u{61c}\\u{3164}\\u{e0041}end"),
        ("list drafts", "\\u{202e}"),
    ):
        page.type("#filter", words)
        page.until(lambda: page.all(".journal .row"), "the request")
        page.all(".journal .row")[-1].click()
        page.until_text(shown, "#view-requests .detail")
    page.show("faults")
    page.until_text("\\u{202e}", "#view-faults .rules")
    page.show("cassette")
    page.until_text("\\u{202e}", "#view-cassette .said")
    source = page.run("document.querySelector('#plan').value = ''; return document.documentElement.outerHTML")
    assert not set(unseen) & set(source)


def test_the_focus_stays_with_its_row_when_others_come_before_it(page, stage, served):
    page.open(f"{served}#{TOKEN}")
    walk_to_july(page)
    with stage.connect() as service:
        service.share("reports").directory("2026").file("000-first.csv").create(1)
        service.share("aaa").create()
        service.share("reports").directory("2025").delete()
    page.until(lambda: {"000-first.csv", "aaa"} <= set(page.text("[role=tree]").split("\n")), "what is new")
    page.until(lambda: page.driver.switch_to.active_element.get_attribute("aria-posinset") == "8", "its new place")
    assert "july.parquet" in page.focused()
    with stage.connect() as service:
        for name in ("000-first.csv", *(f"{number:02}-invoices.csv" for number in range(1, 7))):
            service.share("reports").directory("2026").file(name).delete()
    page.until(lambda: page.driver.switch_to.active_element.get_attribute("aria-posinset") == "1", "the only one")


def test_a_plan_is_loaded_shows_what_it_does_and_is_cleared(page, stage, served):
    page.open(f"{served}#{TOKEN}")
    page.show("faults")
    page.one("#plan").send_keys('[[rules]]\nfault = "refuse"\ncode = "ServerBusy"\noperation = "Get File"\nnth = 2\n')
    page.one("form button.main").click()
    page.until_text("1 rule, seed 0", "#view-faults")
    with stage.connect(retry=None) as service:
        service.share("reports").file("october.txt").get()
        with pytest.raises(Exception, match="ServerBusy"):
            service.share("reports").file("october.txt").get()
    page.until_text("#2\nGET /reports/october.txt\nServerBusy instead", ".diary")
    picture(page, "faults")
    page.one("#plan").send_keys("[[")
    page.one("form button.main").click()
    page.until_text("neither JSON nor TOML", "#view-faults")
    assert page.complaints() != []
    page.all("#view-faults form button")[1].click()
    page.until_text("There is no plan", "#view-faults")
    assert stage.simulator.faults.plan is None


def test_a_cassette_lies_beside_what_the_simulator_answers_with_the_differences_marked(page, served, tmp_path):
    page.open(f"{served}#{TOKEN}")
    page.show("cassette")
    page.one("#cassette-path").send_keys("/nowhere/at/all.yaml", ENTER)
    page.until_text("all.yaml", ".said.bad")
    assert page.complaints() != []
    page.type("#cassette-path", "")
    page.one("#cassette-file").send_keys(str(drifted_cassette(tmp_path)))
    page.until_text("drifted.yaml: 30 interactions, held to the service of today; 2 answered otherwise")
    page.one("#view-cassette [role=radio]:nth-of-type(2)").click()
    page.until(lambda: len(page.all(".cassette .row")) == 2, "those that differ")
    page.all(".cassette .row")[1].click()
    page.until_text("2 differences", "#view-cassette .detail")
    marked = page.text("tr.differs")
    assert marked.startswith("≠ ")
    assert "The file share is leased." in marked
    assert "no lease ID was specified" in marked
    lines = page.run("return [...document.querySelectorAll('.line.differs')].map((line) => line.innerText.trim())")
    assert [line.partition("<Message>")[2].split()[0] for line in lines] == ["The", "There"]
    picture(page, "cassette")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(page, stage, served, scheme):
    """Contrast of 4.5 to 1 or more (WCAG AA) in every view; and colours follow the system, or the switch."""
    page.prefer(scheme)
    page.open(f"{served}#{TOKEN}")
    walk_to_july(page)
    stage.ask("PUT", "/look/plan", {"text": '[[rules]]\nfault = "lose_reply"\nprobability = 0.1\n'})
    for view in ("files", "requests", "leases", "faults", "cassette"):
        page.show(view)
        if view == "requests":
            page.until_text("404", ".journal")
            page.one(".journal [data-class='4']").click()
            page.until_text("Reply", "#view-requests .detail")
        assert page.run(FAINT_TEXTS) == []
    ground = page.run("return getComputedStyle(document.body).backgroundColor")
    other = "light" if scheme == "dark" else "dark"
    for _ in range({"light": 1, "dark": 2}[other]):  # from auto on
        page.one("#theme").click()
    assert page.text("#theme") == f"Theme: {other}"
    assert page.run("return getComputedStyle(document.body).backgroundColor") != ground


FAINT_TEXTS = """
const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const ground = (element) => {
  for (; element; element = element.parentElement) {
    const colour = parse(getComputedStyle(element).backgroundColor);
    if (colour.length === 3) return colour;
  }
  return [255, 255, 255];
};
const faint = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.disabled) continue;
  const [one, other] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
  const contrast = (one + 0.05) / (other + 0.05);
  if (contrast < 4.5) faint.add(`${walker.currentNode.data.slice(0, 30)}: ${contrast.toFixed(2)}`);
}
return [...faint];
"""


@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_sticks_out_of_the_window(page, served, width):
    page.open(f"{served}#{TOKEN}", width, 800)
    walk_to_july(page)
    for view in ("files", "requests", "leases", "faults", "cassette"):
        page.show(view)
        assert page.run("return document.documentElement.scrollWidth <= innerWidth")
        outside = page.run(
            "return [...document.querySelectorAll('button, input, h2, .chip')].filter((one) => one.checkVisibility() &&"
            " one.type !== 'file' && (one.getBoundingClientRect().right > innerWidth + 0.5 ||"
            " one.getBoundingClientRect().left < 0)).map((one) => one.outerHTML)"
        )
        assert outside == []
    if width == 800:
        page.show("files")
        picture(page, "narrow")


@pytest.mark.parametrize("width", [1280, 800])
def test_long_names_break_where_they_are_whole_and_push_nothing_out_of_its_frame(page, stage, served, width):
    with stage.connect() as service:
        share = service.share("s" * 63)
        share.create()
        share.file("f" * 255).create(1, metadata={"m" * 200: "v" * 2000})
        share.file("f" * 255).acquire_lease()
    stage.ask("PUT", "/look/plan", {"text": f'[[rules]]\nfault = "lose_lease"\nof = "share/{"z" * 200}"\n'})
    page.open(f"{served}#{TOKEN}", width, 800)
    page.show("leases")
    page.until_text("ffff", "#view-leases")
    kinds = page.run(
        "return [...document.querySelectorAll('.leases td:first-child')].map((one) => {"
        " const range = document.createRange(); range.selectNodeContents(one); return range.getClientRects().length; })"
    )
    assert kinds == [1, 1, 1]  # `share` and `file` on one line each
    page.all("#view-leases button.link")[-1].click()
    page.until_text("ffff", "#view-files .detail h2")
    page.show("faults")
    page.until_text("1 rule", "#view-faults")
    for view in ("files", "leases", "faults"):
        page.show(view)
        wide = (
            "return [...document.querySelectorAll('.detail, .page, .block')].filter((one) => one.checkVisibility() && "
        )
        assert page.run(f"{wide} one.scrollWidth > one.clientWidth).map((one) => one.className)") == [], view


def test_tab_goes_through_everything_and_the_focus_is_seen(page, served):
    page.open(f"{served}#{TOKEN}")
    page.until_text("2 shares", "[role=tree]")
    page.one("#tab-files").send_keys(RIGHT)
    assert page.focused() == "Requests"
    page.keys(LEFT)
    seen = []
    for _ in range(6):
        seen.append(page.run("return document.activeElement.id || document.activeElement.getAttribute('role')"))
        assert page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keys(TAB)
    assert seen == ["tab-files", None, "theme", "jump", None, "treeitem"]  # a list of any length is one stop


def test_without_its_token_the_page_asks_for_it(page, served):
    page.size(1280, 800)
    page.driver.get(served)
    page.until_text("This page needs the simulator's token.")
    assert all("401" in line for line in page.complaints())
    page.one("#token").send_keys(f"{served}#{TOKEN}", ENTER)
    page.until_text("devstoreaccount1", "[role=tree]")
    assert TOKEN not in page.driver.current_url
    origins = page.run("return performance.getEntriesByType('resource').map((one) => new URL(one.name).origin)")
    assert set(origins) == {served.rstrip("/")}  # nothing from anywhere else: it works offline


def test_the_whole_address_opened_over_the_page_without_its_token_is_taken(page, served):
    page.driver.get(served)
    page.until_text("This page needs the simulator's token.")
    assert all("401" in line for line in page.complaints())
    page.open(f"{served}#{TOKEN}")
    page.until_text("devstoreaccount1", "[role=tree]")


def test_a_page_that_only_looks_has_no_controls(page):
    stage = Stage(acts=False)
    furnish(stage)
    with stage.served() as served:
        page.open(f"http://127.0.0.1:{served.port}/#{TOKEN}")
        page.one(".clock").click()
        page.until_text("the page only looks", "#clock-panel")
        page.show("faults")
        assert not page.one("#plan").is_displayed()
        page.driver.get("about:blank")


def test_the_page_says_when_the_simulator_has_ended_and_goes_on_when_it_is_back(page, stage):
    with stage.served() as served:
        port = served.port
        page.open(f"http://127.0.0.1:{port}/#{TOKEN}")
    page.until_text("The simulator does not answer")
    assert all("ERR_CONNECTION_REFUSED" in line or "ERR_CONNECTION_RESET" in line for line in page.complaints())
    page.driver.get("about:blank")
