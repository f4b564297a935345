"""The control interface on a socket, beside the Files API."""

from __future__ import annotations

import json
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.messages import Reply
from azfiles_sim.server import serve_in_thread
from azfiles_sim.server.in_thread import _ServerThread
from azfiles_sim.server.serving import WAITING_THREADS, HttpServer

from .conftest import Answering


def ask(control: str, token: str, method: str, path: str, body: Any = None) -> httpx.Response:
    with httpx.Client(trust_env=False) as http:
        return http.request(method, f"{control}{path}", json=body, headers={"Authorization": f"Bearer {token}"})


def test_what_control_does_a_client_sees(ca_dir):
    simulator = Simulator()
    with serve_in_thread(simulator, control=True) as served:
        made = ask(served.control, served.control_token, "POST", "/accounts", {"name": "mine"})
        assert made.status_code == 201
        assert made.json()["endpoint"] == f"http://127.0.0.1:{served.port}/mine"
        assert made.headers["cache-control"] == "no-store"
        with azfiles.connect(made.json()["connection_string"]) as client:
            client.share("data").create()
            lease = client.share("data").acquire_lease(15)
            assert lease is not None
            assert ask(served.control, served.control_token, "POST", "/clock/advance", {"seconds": 16}).is_success
            state = client.share("data").get_properties().lease
            assert state is not None
            assert state.state == "expired"
        entries = ask(served.control, served.control_token, "GET", "/journal?account=mine").json()["entries"]
        assert [entry["method"] for entry in entries] == ["PUT", "PUT", "GET"]
        assert served.control_token not in repr(served)


def test_without_control_the_path_is_the_services(ca_dir):
    with serve_in_thread(Simulator()) as served:
        assert (served.control, served.control_token) == (None, None)
        reply = ask(f"http://127.0.0.1:{served.port}/_azfiles/v1", "x" * 20, "POST", "/reset")
        assert "x-ms-request-id" in reply.headers


def test_what_is_not_a_simulator_is_served_without_control():
    with serve_in_thread(Answering(lambda _: Reply(200, "OK", [("Content-Length", "0")])), control=True) as served:
        assert served.control is None
        assert ask(f"http://127.0.0.1:{served.port}/_azfiles/v1", "x" * 20, "POST", "/reset").status_code == 200


def test_over_https_the_connection_strings_say_https(ca_dir):
    with serve_in_thread(Simulator(), https=True, ca_dir=ca_dir, control=True) as served:
        assert served.control is not None
        assert served.control.startswith("https://")
        with httpx.Client(verify=ssl.create_default_context(cafile=served.ca_file), trust_env=False) as http:
            reply = http.get(f"{served.control}/accounts", headers={"Authorization": f"Bearer {served.control_token}"})
        assert reply.json()["accounts"][0]["connection_string"] == served.connection_string


@pytest.mark.parametrize("method", ["PUT", "HEAD"])
def test_where_the_state_is_on_disk_requests_that_wait_hold_up_no_other_connection(method):
    """As many as wait for a commit at once, the loop is free to take the next one."""
    release = threading.Event()
    waiting = threading.Semaphore(0)

    def handle(request: Any, _connection: Any) -> Reply:
        if request.target == "/slow":
            waiting.release()
            assert release.wait(20)
        return Reply(200, "OK", [("Content-Length", "0")])

    thread = _ServerThread(HttpServer(handle, waits_for_disk=True), "127.0.0.1", 0)
    port = thread.start()
    try:
        with ThreadPoolExecutor(16) as pool:
            url = f"http://127.0.0.1:{port}"
            slow = [pool.submit(httpx.request, method, f"{url}/slow", trust_env=False) for _ in range(16)]
            assert all(waiting.acquire(timeout=20) for _ in slow)
            assert httpx.get(f"{url}/quick", trust_env=False).status_code == 200
            release.set()
            assert {call.result().status_code for call in slow} == {200}
    finally:
        release.set()
        thread.stop()
    assert WAITING_THREADS > 16


def test_the_reply_says_json(ca_dir):
    with serve_in_thread(Simulator(), control=True) as served:
        reply = ask(served.control, "wrong" * 5, "GET", "/forks")
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert reply.headers["content-type"] == "application/json"
    assert json.loads(reply.content)["error"].startswith("send 'Authorization: Bearer'")
