"""The tutorials: fit to be compared, and a fresh run shows what each file shows, by nbval and to the byte."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.notebooks.comparison import nbval
from tests.notebooks.hygiene import faults

TUTORIALS = Path(__file__).resolve().parents[2] / "tutorials"
NOTEBOOKS = sorted(TUTORIALS.glob("*.ipynb"))
each = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def test_there_are_tutorials():
    assert NOTEBOOKS[0].name == "00_overview.ipynb"


@each
def test_a_tutorial_is_fit_to_be_compared(notebook):
    assert faults(notebook) == []


@each
def test_a_fresh_run_shows_what_the_tutorial_shows(notebook):
    done = nbval(notebook, folder=TUTORIALS)
    assert done.returncode == 0, done.stdout[-6000:]
    assert re.search(r"^\d+ passed", done.stdout, re.M), done.stdout


# the others take half a minute and more each time; that outputs are written stably is seen on one
SHORT = {"02_explore"}
regenerated = [
    pytest.param(path, marks=() if path.stem in SHORT else pytest.mark.slow, id=path.stem)
    for path in NOTEBOOKS
]


@pytest.mark.parametrize("notebook", regenerated)
def test_a_tutorial_is_regenerated_byte_for_byte(notebook):
    command = [sys.executable, TUTORIALS / "regenerate.py", "--check", notebook]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
