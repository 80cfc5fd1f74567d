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
    'days = pd.DataFrame({"customer": ["A", "B", "C"], "late": [3.0, 14.25, -1.5]})\ndays.head(3)',
    "print(f\"{days['late'].mean():.2f} days late on average\")",
    'days["late"].max()',
    'plot = figure(title="Days late")\ndots = plot.scatter([1, 2, 3], days["late"].tolist())\n'
    'BokehPane(View("Days late", plot, days, "B pays last."))',
    "len(days)",
    'days["late"].min()',
)

#: What is planted in which cell (the first is 0), and what becomes of its code. The outputs in the file stay.
SEEN_BY_COMPARING = {
    "a row is lost": (1, "head(3)", "head(2)"),
    "a figure is wrong": (2, ".mean()", ".median()"),
    "a cell shows nothing any more": (3, "days", "most = days"),
    "a widget shows another picture": (4, 'View("Days late"', 'View("Days early"'),
    "something is said on stderr": (5, "len", 'print("careful", file=sys.stderr)\nlen'),
    "a cell raises": (6, "late", "lateness"),
}
NOT_SEEN_BY_COMPARING = {
    "a picture draws the wrong column": (
        4,
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


def in_code(*changes: tuple[int, str, str]):
    """Return a change of the code of some cells that leaves the outputs."""

    def change(notebook):
        for place, old, new in changes:
            text = "".join(notebook["cells"][place]["source"])
            assert old in text
            notebook["cells"][place]["source"] = text.replace(old, new)

    return change


def stripped(notebook):
    for cell in notebook["cells"]:
        cell.update(outputs=[], execution_count=None)
    in_code(SEEN_BY_COMPARING["a figure is wrong"])(notebook)


def test_comparing_finds_six_faults_and_is_blind_to_a_picture_and_to_a_notebook_without_outputs(
    sound, tmp_path
):
    seen = written(tmp_path / "seen.ipynb", sound, in_code(*SEEN_BY_COMPARING.values()))
    blind = written(tmp_path / "blind.ipynb", sound, in_code(*NOT_SEEN_BY_COMPARING.values()))
    without = written(tmp_path / "without.ipynb", sound, stripped)
    done = nbval(seen, blind, without, folder=tmp_path)
    failed = re.findall(r"^FAILED (\w+)\.ipynb::Cell (\d+)", done.stdout, re.M)
    assert failed == [("seen", str(place)) for place, _, _ in SEEN_BY_COMPARING.values()], done.stdout[-3000:]


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
        (hidden, "6 cells are not compared"),
        (lambda notebook: notebook["cells"].reverse(), "not run top to bottom"),
        (with_output("0 of 3"), None),
        (with_output("Acorn Foods owes most"), "a customer's name: Acorn Foods"),
        (with_output("Miller & Sons"), "a company's name"),
        (with_output("written to /home/mary/out"), "a path of one machine: /home/m"),
        (in_code((0, "import sys", "import sys  # %%time")), "timings differ"),
        (in_code((5, "len", "import os\nlen")), "imports belong in the first cell"),
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
