"""Who may use the inspector: this machine, by a loopback name, with the token, from a page of nobody else's."""

from __future__ import annotations

import re

import pytest

from azfiles_sim.inspector.inspector import HEADERS
from azfiles_sim.messages import Connection

from .stage import TOKEN, Stage

BEARER = ("Authorization", f"Bearer {TOKEN}")
STATE = "/_azfiles/v1/look/state"
PAGES = ("/", "/index.html", "/page.css", "/icon.svg", "/main.js", "/tree.js")


@pytest.fixture(scope="module")
def stage():
    return Stage()


@pytest.mark.parametrize("target", [STATE, "/", "/main.js"])
def test_peers_that_are_not_this_machine_are_refused_whatever_they_have(stage, target):
    assert stage.send("GET", target, connection=Connection(peer="192.0.2.7")).status == 403
    assert stage.send("GET", target, connection=Connection(peer="127.0.0.1")).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example:10005", "", "127.0.0.1.evil.example", "10.0.0.5:10005", "localhost@evil"]
)
@pytest.mark.parametrize("target", [STATE, "/", "/main.js"])
def test_a_name_that_was_made_to_lead_here_is_refused(stage, target, host):
    """DNS rebinding: the browser believes that the page of another site is of one origin with this."""
    assert stage.send("GET", target, host=host).status == 403


@pytest.mark.parametrize("host", ["localhost:10005", "127.0.0.1:10005", "[::1]:10005", "127.8.8.8"])
def test_loopback_names_are_taken(stage, host):
    assert stage.send("GET", STATE, host=host).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:10004", "http://localhost:10005"])
def test_a_page_of_another_origin_is_refused_even_with_the_token(stage, origin):
    """The service's own port is another origin too: a share may hold a page."""
    for method, target in (("GET", STATE), ("POST", "/_azfiles/v1/clock/advance"), ("GET", "/")):
        assert stage.send(method, target, headers=(BEARER, ("Origin", origin))).status == 403


@pytest.mark.parametrize("headers", [(), (("Authorization", "Bearer wrong-token-0123456789"),), (("Cookie", TOKEN),)])
def test_without_the_token_nothing_is_told_and_nothing_done(stage, headers):
    before = stage.simulator.now
    for method, target in (("GET", STATE), ("GET", "/_azfiles/v1/journal"), ("POST", "/_azfiles/v1/clock/advance")):
        assert (
            stage.send(method, target, headers=headers, body={"seconds": 5} if method == "POST" else None).status == 401
        )
    assert stage.simulator.now == before


@pytest.mark.parametrize("target", PAGES)
def test_the_pages_files_hold_nothing_secret_and_come_with_a_strict_policy(stage, target):
    reply = stage.send("GET", target, headers=())
    assert reply.status == 200
    assert set(HEADERS) <= set(reply.headers)
    policy = dict(reply.headers)["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy


def test_answers_carry_the_policy_and_are_told_to_be_no_page(stage):
    headers = dict(stage.send("GET", STATE).headers)
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert [name for name, _ in stage.send("GET", STATE).headers].count("Cache-Control") == 1


@pytest.mark.parametrize(
    "target", ["/../watching.py", "/%2e%2e/watching.py", "/__init__.py", "/page/index.html", "//etc/passwd"]
)
def test_no_path_leads_out_of_the_page(stage, target):
    assert stage.send("GET", target).status == 404


def test_a_page_is_only_read(stage):
    assert stage.send("POST", "/").status == 405


def test_the_page_asks_for_nothing_from_elsewhere_and_has_no_script_or_style_in_its_markup(stage):
    for target in stage.inspector._pages:
        text = b"".join(stage.send("GET", target).body).decode()
        assert not re.findall(r"(?<!xmlns=\")(?<!SVG = \")https?://(?!www\.w3\.org/2000/svg)", text), target
        assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            target
        )
    page = b"".join(stage.send("GET", "/").body).decode()
    assert re.findall(r"<script[^>]*>", page) == ['<script type="module" src="main.js">']
    assert not re.findall(r"<style|\son\w+=|\sstyle=", page)


def test_without_acts_it_only_looks():
    stage = Stage(acts=False)
    before = stage.simulator.now
    for method, path, body in (
        ("POST", "/clock/advance", {"seconds": 60}),
        ("PUT", "/faults", {"rules": []}),
        ("PUT", "/look/plan", {"text": ""}),
        ("POST", "/reset", None),
        ("DELETE", "/accounts/devstoreaccount1", None),
    ):
        assert stage.send(method, f"/_azfiles/v1{path}", body=body).status in {404, 405}
    assert stage.simulator.now == before
    assert stage.ask("GET", "/look/state")["acts"] is False


def test_what_tells_account_keys_or_reaches_folders_is_not_behind_the_page(stage):
    for method, path in (
        ("GET", ""),
        ("GET", "/accounts"),
        ("POST", "/accounts"),
        ("POST", "/reset"),
        ("POST", "/accounts/devstoreaccount1/shares/s/export"),
        ("POST", "/accounts/devstoreaccount1/shares/s/import"),
        ("POST", "/accounts/devstoreaccount1/shares/s/files"),
    ):
        assert stage.send(method, f"/_azfiles/v1{path}").status == 404, path
