"""The house itself: layers, lint, types, what an import costs, what the core may import."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import payseg_widgets

ROOT = Path(__file__).resolve().parents[1]
BANNED = ("ipywidgets", "bokeh", "anywidget", "IPython", "aiohttp")


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def test_arrows_point_down():
    run(tool("lint-imports"), "--no-cache")


@pytest.mark.parametrize("arguments", [("check", "."), ("format", "--check", ".")], ids=["lint", "format"])
def test_ruff_has_nothing_to_say(arguments):
    run(tool("ruff"), *arguments, "--no-cache")


def test_no_two_test_files_have_one_name():
    names = Counter(file.name for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, n in names.items() if n > 1] == []  # pytest would collect the first alone


def test_types_hold():
    run(tool("mypy"), "--cache-dir", "/dev/null" if sys.platform != "win32" else "nul")


def test_every_public_name_exists_and_is_documented():
    for name in payseg_widgets.__all__:
        assert getattr(payseg_widgets, name).__doc__, name


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("numpy", "pandas", "numba", "sklearn", "bokeh", "duckdb")
    code = f"import sys, payseg_widgets; print([m for m in {heavy} if m in sys.modules])"
    assert run(sys.executable, "-c", code).strip() == "[]"


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="red_ledger"):
        payseg_widgets.red_ledger  # noqa: B018


def test_the_core_works_where_the_screen_libraries_cannot_be_imported():
    """The core's own tests pass in an interpreter that refuses to import any of ``BANNED``."""
    plugins = ("-p", "tests.core_only", "-p", "no:cacheprovider")
    options = ("-o", "addopts=", "-m", "not slow", "-q", "-x")
    selecting = ("tests/views/selection/test_conditions.py", "tests/views/test_contrast.py")
    fitting = "tests/contracts/test_models.py::test_planted_groups_are_recovered"  # each model; all its contracts elsewhere
    line = "tests/test_core_line.py"
    rooms = (
        line,
        "tests/contracts/test_features.py",
        "tests/strategy/test_kpis.py",
        "tests/strategy/test_policy.py",
        "tests/strategy/test_self_check.py",
        "tests/strategy/test_statutory_interest.py",
        fitting,
        *selecting,
    )
    twice = (  # more studies
        "--deselect", f"{line}::test_progress_goes_forward_and_ends_complete",
        "--deselect", f"{line}::test_region_and_sector_come_from_what_is_given_else_from_the_ledger",
    )  # fmt: skip
    stdout = run(sys.executable, "-m", "pytest", *plugins, *options, *twice, *rooms)
    assert re.search(r"\d+ passed", stdout)


def test_the_version_is_said_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == payseg_widgets.__version__


def test_ci_runs_the_readme_s_test_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = "python3 -m pip install -q uv && python3 -m uv run pytest"
    assert command in readme
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("script", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda path: path.stem)
def test_a_benchmark_still_fits_what_it_measures(script, monkeypatch):
    """Loading it finds names that have moved; measuring is for people."""
    monkeypatch.syspath_prepend(script.parent)
    spec = importlib.util.spec_from_file_location(f"benchmark_{script.stem}", script)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    assert module.__doc__
