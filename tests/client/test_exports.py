"""What ``azfiles`` offers by name, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

import azfiles
from azfiles import errors, models


def test_the_public_names_are_exactly_those_of_all():
    lazy = set(azfiles._LATER)
    public = {
        name
        for name, value in vars(azfiles).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and name not in {"annotations", "TYPE_CHECKING", "Any"}
    }
    assert public | lazy == set(azfiles.__all__)
    assert list(azfiles.__all__) == sorted(
        azfiles.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name)
    )


def test_every_public_name_can_be_had_and_is_listed():
    for name in azfiles.__all__:
        assert getattr(azfiles, name) is not None
        assert name in dir(azfiles)


def test_every_error_and_every_model_is_public():
    assert set(errors.__all__) | set(models.__all__) <= set(azfiles.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = azfiles.nonsense


def test_importing_azfiles_loads_no_http_library_event_loop_yaml_or_what_observers_need():
    heavy = {"httpx", "anyio", "yaml", "asyncio", "trio", "prometheus_client", "opentelemetry"}
    code = f"import azfiles, azfiles.observers, sys; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
