"""The code in docs/observability.md runs as it stands there, and its tables name what there is."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest

from azfiles import observers
from azfiles.observers import opentelemetry, prometheus

PAGE = (Path(__file__).parents[2] / "docs" / "observability.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def executed(number: int) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[number], f"docs/observability.md, block {number}", "exec"), names)
    return names


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The names in backquotes of the first column of its tables."""
    return [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in text.splitlines() if line.startswith("| `")]


def test_an_observer_of_ones_own_prints_what_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    executed(0)
    assert capsys.readouterr().out == "Create Share success 201 1\n"


def test_the_logging_example_logs_a_refusal(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)  # the handlers of this run stay as they are
    client = executed(1)["client"]
    with caplog.at_level(logging.INFO, "azfiles"), pytest.raises(FileNotFoundError):
        client.share("none").get_properties()
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_the_metrics_example_prints_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    executed(2)
    assert capsys.readouterr().out.startswith("azure_files_operations_total{")


def test_another_name_for_an_endpoint_is_the_label() -> None:
    names = executed(3)
    with pytest.raises(FileNotFoundError):
        names["billing"].share("none").get_properties()
    [sample] = [one for one in names["metrics"]._operations.collect()[0].samples if one.name.endswith("_total")]
    assert sample.labels["endpoint"] == "billing"


def test_the_telemetry_example_works_with_the_global_providers() -> None:
    with pytest.raises(FileNotFoundError):
        executed(4)["client"].share("none").get_properties()


def test_every_event_is_named() -> None:
    events = {name for name in observers.__all__ if name not in {"Event", "Logging", "Observer"}}
    assert {name for row in rows(section("Events")) for name in row} == events


def test_every_metric_and_its_labels_are_named() -> None:
    told = {
        line.split("|")[1].strip(" `"): tuple(re.findall(r"`(\w+)`", line.split("|")[2]))
        for line in section("Prometheus").splitlines()
        if line.startswith("| `azure_files")
    }
    assert told == prometheus.LABELS


def test_every_attribute_is_named() -> None:
    told = {name for row in rows(section("OpenTelemetry")) for name in row}
    names = {
        value
        for name, value in vars(opentelemetry).items()
        if isinstance(value, str) and re.fullmatch(r"_?(?:AZURE|ERROR|HTTP|SERVER|URL|CLIENT)_\w+", name)
    }
    measures = {name for name in names if name.startswith("http.client.")}
    assert told == names - measures | {"azfiles.error_code", "azfiles.tries"}
    assert measures <= set(re.findall(r"`([^`\n]+)`", section("OpenTelemetry")))
