"""The checks of the notebooks catch what they are for: ten faults are planted, and each is found by the check named.

Comparing outputs finds the first six. It is blind to the others: a notebook without outputs, an output hidden from it, a
picture that draws the wrong column, and bytes that change from run to run; for these there are the guards. The tree that
finds the picture is tested in ``tests/widgets/test_widget_trees.py``.
"""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import nbformat
import pytest

from tests.notebooks.comparison import nbval
from tests.notebooks.hygiene import faults

ROOT = Path(__file__).resolve().parents[2]
REGENERATE = ROOT / "tutorials" / "regenerate.py"

CELLS = (
    "import sys\n\nimport pandas as pd\nfrom bokeh.plotting import figure\n\n"
    "from payseg_widgets.views.view import View\nfrom payseg_widgets.widgets.pane import BokehPane",
    'days = pd.DataFrame({"customer": ["A", "B", "C"], "late": [3.0, 14.25, -1.5]})\ndays',
    'print(f"{days[\'late\'].mean():.2f} days late on average")',
    'plot = figure(title="Days late")\ndots = plot.scatter([1, 2, 3], days["late"].tolist())\n'
    'BokehPane(View("Days late", plot, days, "B pays last."))',
    'days["late"].max()',
)  # fmt: skip

#: What is planted, and what becomes of the code. The outputs in the file stay.
SEEN_BY_COMPARING = {
    "a figure is wrong": ("].mean()", "].median()"),
    "a row is lost": ('["A", "B", "C"], "late": [3.0, 14.25, -1.5]', '["A", "B"], "late": [3.0, 14.25]'),
    "a cell raises": ('days["late"].max()', 'days["lateness"].max()'),
    "a cell shows nothing any more": ('days["late"].max()', 'most = days["late"].max()'),
    "a widget shows another picture": ('View("Days late"', 'View("Days early"'),
    "something is said on stderr": (
        'days["late"].max()',
        'print("careful", file=sys.stderr)\ndays["late"].max()',
    ),
}
NOT_SEEN_BY_COMPARING = {
    "nothing is planted": ("", ""),
    "a picture draws the wrong column": (
        '[1, 2, 3], days["late"].tolist()',
        'days["late"].tolist(), [1, 2, 3]',
    ),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A notebook with its outputs, as `regenerate.py` writes it."""
    path = tmp_path_factory.mktemp("sound") / "sound.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    python = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=python), path)
    tools = runpy.run_path(str(REGENERATE))
    path.write_text(tools["stable_text"](tools["run"](path)), encoding="utf-8")
    return path


def written(path: Path, sound: Path, change) -> Path:
    """Write a copy of the sound notebook with a change."""
    notebook = json.loads(sound.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def in_code(old: str, new: str):
    """Return a change of the code that leaves the outputs."""

    def change(notebook):
        texts = ["".join(cell["source"]) for cell in notebook["cells"]]
        assert any(old in text for text in texts)
        for cell, text in zip(notebook["cells"], texts, strict=True):
            cell["source"] = text.replace(old, new) if old else text

    return change


def stripped(notebook):
    for cell in notebook["cells"]:
        cell.update(outputs=[], execution_count=None)
    notebook["cells"][-1]["source"] = 'days["late"].min()'


def test_comparing_finds_six_faults_and_is_blind_to_two_and_to_what_was_stripped(sound, tmp_path):
    planted = {**SEEN_BY_COMPARING, **NOT_SEEN_BY_COMPARING}
    copies = {what: tmp_path / f"{what.replace(' ', '_')}.ipynb" for what in planted}
    for what, (old, new) in planted.items():
        written(copies[what], sound, in_code(old, new))
    without = written(tmp_path / "stripped.ipynb", sound, stripped)
    done = nbval(*copies.values(), without, folder=tmp_path)
    failed = set(re.findall(r"FAILED (\w+)\.ipynb", done.stdout)) | set(
        re.findall(r"^(\w+)\.ipynb.*F", done.stdout, re.M)
    )
    assert failed == {what.replace(" ", "_") for what in SEEN_BY_COMPARING}, done.stdout[-3000:]


def test_the_guard_takes_a_sound_notebook(sound):
    assert faults(sound) == []


def hidden(notebook):
    for cell in notebook["cells"][1:]:
        cell["metadata"] = {"tags": ["nbval-ignore-output"]}


def with_output(text: str):
    def change(notebook):
        notebook["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]

    return change


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (stripped, "never compared"),
        (hidden, "4 cells are not compared"),
        (lambda notebook: notebook["cells"].reverse(), "not run top to bottom"),
        (with_output("0 of 3"), None),
        (with_output("Acorn Foods owes most"), "a customer's name: Acorn Foods"),
        (with_output("Miller & Sons"), "a company's name"),
        (with_output("written to /home/mary/out"), "a path of one machine: /home/m"),
        (in_code("import sys", "import sys  # %%time"), "timings differ"),
        (in_code('days["late"].max()', "import os"), "imports belong in the first cell"),
        (lambda notebook: notebook["metadata"].update(widgets={}), "holds the state of widgets"),
    ],
    ids=[
        "stripped", "hidden", "run out of order", "nothing wrong", "a customer's name", "a company", "a path",
        "a timing", "a late import", "widget state",
    ],
)  # fmt: skip
def test_the_guard_finds_what_comparing_cannot(change, found, sound, tmp_path):
    told = faults(written(tmp_path / "planted.ipynb", sound, change))
    assert (told == []) if found is None else any(found in sentence for sentence in told), told


def test_regenerating_finds_a_byte_that_comparing_lets_pass(sound, tmp_path, capsys):
    main = runpy.run_path(str(REGENERATE))["main"]
    assert main(["--check", str(sound)]) == 0

    def as_saved_by_hand(notebook):
        notebook["cells"][1]["metadata"] = {"execution": {"iopub.status.idle": "2026-01-01T00:00:00Z"}}

    saved = written(tmp_path / "saved.ipynb", sound, as_saved_by_hand)
    before = saved.read_bytes()
    assert main(["--check", str(saved)]) == 1
    assert "saved.ipynb: differs" in capsys.readouterr().out
    assert saved.read_bytes() == before
    assert main([str(saved)]) == 0
    assert saved.read_bytes() == sound.read_bytes()
