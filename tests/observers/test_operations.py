"""The dashboard, the alert rules and the runbook speak of what the Prometheus observer really exports, and agree."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import get_args

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric

import azfiles
from azfiles.flows.events import Direction, Outcome
from azfiles.observers.prometheus import LABELS, LATENCY_BUCKETS_S, Metrics
from azfiles_sim.messages import Dropped, Reply
from tests.foreign.programs import found, run_program

from .watched import World

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "operations"
RULES = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
ALERTS = {rule["alert"]: rule for group in RULES for rule in group["rules"]}
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"]}
QUERIES = [target["expr"] for panel in PANELS.values() for target in panel["targets"]]
TESTED = Path(__file__).with_name("alerts.test.yaml")
OF_THE_SCRAPE = {"job", "instance"}


@pytest.fixture(scope="module")
def exported() -> CollectorRegistry:
    """What is exported after all has happened that can: successes, refusals, retries, an open circuit, lost leases."""
    registry = CollectorRegistry()
    answers = [None] * 4 + [Reply(503, "", (("x-ms-error-code", "ServerBusy"),))]
    world = World(lambda _: answers.pop(0) if answers else None)
    metrics = Metrics(registry)
    share = world.client(metrics).share("data")
    file = share.file("a")
    file.upload(b"abc")
    file.acquire_lease()
    for refused in (lambda: file.put_range(0, b"abc"), share.file("none").get_properties):
        with pytest.raises(azfiles.ServiceError):
            refused()
    file.get()
    failing = World(lambda _: Dropped(applied=False))
    with pytest.raises(azfiles.TransportError):
        failing.client(metrics, retry=None).share("data").file("a").upload(b"abc")
    return registry


def find_promtool() -> Path:
    """Beside this Python, where ``make foreign-tools`` puts it, or on the PATH. Skips the test where there is none."""
    beside = Path(sys.executable).with_name("promtool")
    return found("promtool (make foreign-tools)", beside if beside.exists() else shutil.which("promtool"))


def families(registry: CollectorRegistry) -> dict[str, Metric]:
    return {sample.name: family for family in registry.collect() for sample in family.samples}


def used_by(expression: str) -> dict[str, set[str]]:
    """The metrics of an expression, each with the labels that are asked of it; grouping is asked of all."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    grouped = {name for names in re.findall(r"by \(([^)]*)\)", bare) for name in re.split(r",\s*", names)}
    found: dict[str, set[str]] = {}
    for name, selector in re.findall(r"(azure_files_\w+)(?:\{([^}]*)\})?", bare):
        found.setdefault(name, set()).update(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector), grouped)
    return found


def test_every_metric_and_label_of_dashboard_and_alerts_is_exported(exported):
    samples = {}
    for family in exported.collect():
        for sample in family.samples:
            samples.setdefault(sample.name, set()).update(sample.labels)
    expressions = [*QUERIES, *(alert["expr"] for alert in ALERTS.values())]
    expressions += [variable["definition"] for variable in DASHBOARD["templating"]["list"] if "definition" in variable]
    assert len(expressions) == 8 + 6 + 2
    for expression in expressions:
        used = used_by(expression)
        assert used, expression
        for name, labels in used.items():
            assert name in samples, expression
            assert labels <= samples[name] | OF_THE_SCRAPE, expression


def test_a_metric_or_label_that_is_not_exported_would_be_seen():
    assert used_by('sum by (le, job) (rate(azure_files_x_bucket{a=~"azure_files_y", b!="c"}[5m]))') == {
        "azure_files_x_bucket": {"le", "job", "a", "b"}
    }


def test_every_value_that_dashboard_and_alerts_ask_for_can_come(exported):
    asked = [
        pair
        for expression in [*QUERIES, *(alert["expr"] for alert in ALERTS.values())]
        for pair in re.findall(r'(\w+)(=~|!=|=)"([^"$]*)"', expression)
    ]
    known = {"outcome": {*get_args(Outcome), "retried"}, "error_kind": set(azfiles.errors.__all__)}
    transfers = {f"Transfer ({direction})" for direction in get_args(Direction)}
    assert {name for name, _, _ in asked} == {"outcome", "error_kind", "operation"}
    for name, how, value in asked:
        if name == "operation":
            assert how == "=~"
            assert all(re.fullmatch(value, each) for each in transfers)
            counted = families(exported)["azure_files_errors_total"].samples
            assert "Transfer (upload)" in {sample.labels["operation"] for sample in counted}
        else:
            assert value in known[name]


def test_the_exported_names_and_labels_are_those_of_the_table(exported):
    names = families(exported)
    assert set(LABELS) == {
        "azure_files_operations_total",
        "azure_files_latency_seconds",
        "azure_files_bytes_total",
        "azure_files_active_leases",
        "azure_files_errors_total",
        "azure_files_circuit_breaker_state",
    }
    for name, labels in LABELS.items():
        family = names.get(name) or names[f"{name}_count"]
        assert all(set(sample.labels) - {"le"} == set(labels) for sample in family.samples if sample.name != "created")


def test_the_limit_of_the_latency_alert_is_an_edge_of_a_bucket():
    [limit] = re.findall(r"> ([0-9.]+)\s*$", ALERTS["AzureFilesSlow"]["expr"])
    assert float(limit) in LATENCY_BUCKETS_S


def test_the_six_panels_are_there_and_lie_beside_each_other():
    assert set(PANELS) == {"Operations", "Latency", "Bytes", "Active leases", "Errors", "Circuit"}
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in PANELS.values()}
    assert len(places) == len({panel["id"] for panel in PANELS.values()}) == 6
    for panel in PANELS.values():
        assert panel["description"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    assert {target["legendFormat"] for target in PANELS["Latency"]["targets"]} == {"p50", "p99"}


def test_each_alert_has_its_section_in_the_runbook_and_a_test_that_it_fires_and_one_that_it_does_not():
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (AzureFiles\w+)$", runbook, re.MULTILINE)
    assert sections == list(ALERTS)
    for name in sections:
        section = runbook.split(f"## {name}\n")[1].split("\n## ")[0]
        assert re.findall(r"^\*\*(Means|Look|Do)\*\*", section, re.MULTILINE) == ["Means", "Look", "Do"], name
        assert ALERTS[name]["annotations"]["runbook_url"] == f"docs/runbook.md#{name.lower()}"
        assert ALERTS[name]["annotations"]["summary"]
    claims = [claim for test in yaml.safe_load(TESTED.read_text())["tests"] for claim in test["alert_rule_test"]]
    for name in ALERTS:
        assert {bool(claim["exp_alerts"]) for claim in claims if claim["alertname"] == name} == {True, False}


def test_promtool_finds_that_each_alert_fires_when_it_should_and_only_then():
    ended = run_program([find_promtool(), "test", "rules", TESTED], timeout_s=60)
    assert ended.status == 0, ended
    assert "SUCCESS" in ended.out


def test_promtool_takes_every_query_of_the_dashboard(tmp_path):
    promtool = find_promtool()
    queries = [query.replace("$__rate_interval", "5m").replace("$", "") for query in QUERIES]
    rules = [{"record": f"dashboard:{number}", "expr": query} for number, query in enumerate(queries)]
    path = tmp_path / "dashboard.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    ended = run_program([promtool, "check", "rules", path], timeout_s=60)
    assert ended.status == 0, ended
    assert f"{len(QUERIES)} rules found" in ended.out


def test_promtool_has_nothing_to_say_against_what_is_exported(exported, tmp_path):
    promtool = find_promtool()
    text = generate_latest(exported).decode()
    # What the client library adds by itself, a time stamp for each series, is not ours to name.
    ours = "".join(line for line in text.splitlines(keepends=True) if "_created" not in line)
    ended = run_program([promtool, "check", "metrics"], timeout_s=60, text_in=ours)
    assert ended.status == 0, ended
    assert ended.out + ended.err == ""
