"""What a committed notebook must be for a comparison of its outputs to mean anything, found without running it."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import nbformat

from payseg_widgets.ledger import dirty_names

MAX_KIB = 150
MIN_SHOWN = 0.6
#: Tags and remarks that take a cell out of the comparison, and how many cells of a notebook may have one.
IGNORING = {"nbval-ignore-output", "nbval-skip", "raises-exception"}
IGNORED_AT_MOST = 1
#: What the comparison is blind to, or what belongs in no tutorial.
BLIND = {
    r"\bOut\[": "Out[] is empty when the outputs are compared",
    r"%%?time": "timings differ from run to run",
    r"\binteract(?:ive)?\(|\bOutput\(": "text in an Output widget is compared as the cell's own",
    r"clear_output|update_display": "a display that is changed later is not compared",
    r"output_notebook\(": "BokehPane needs no output_notebook, which fills the file or fetches from a network",
    r"\bjs(?:d)?link\(": "jslink does nothing without a browser: use link",
    r"^\s*(?:async )?def |^\s*class ": "a tutorial defines nothing",
    r"https?://": "a tutorial is offline",
}
LOCAL_PATH = re.compile(r"/(?:home|Users|root|tmp|work|var|private)/\w|[A-Z]:\\\\?\w")
_COMPANY = re.compile(r"\b(?:Limited|Ltd|LLP|plc)\b|& Sons")
_INVENTED = {f"{first} {second}" for first, second in product(dirty_names._FIRST, dirty_names._SECOND)}


def faults(path: Path) -> list[str]:
    """Return what is wrong with a notebook, a sentence each."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = [*_not_compared(code), *_not_portable(path, notebook)]
    for place, cell in enumerate(code, start=1):
        found += [f"cell {place}: {why}" for what, why in BLIND.items() if re.search(what, cell.source, re.M)]
        found += [f"cell {place}: {why}" for why in _wrong_outputs(cell)]
        if place > 1 and re.search(r"^\s*(?:import|from) ", cell.source, re.M):
            found.append(f"cell {place}: imports belong in the first cell")
    return found


def _not_compared(code: list) -> list[str]:
    found = []
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        found.append("not run top to bottom: a cell without its count is never compared")
    ignored = [
        cell for cell in code if IGNORING & set(cell.metadata.get("tags", [])) or "NBVAL_" in cell.source
    ]
    if len(ignored) > IGNORED_AT_MOST:
        found.append(f"{len(ignored)} cells are not compared; {IGNORED_AT_MOST} may be")
    shown = sum(bool(cell.outputs) for cell in code)
    if shown < MIN_SHOWN * len(code):
        found.append(f"{shown} of {len(code)} cells show something; {MIN_SHOWN:.0%} must")
    return found


def _not_portable(path: Path, notebook: nbformat.NotebookNode) -> list[str]:
    found = []
    size = path.stat().st_size / 1024
    if size > MAX_KIB:
        found.append(f"{size:.0f} KiB; {MAX_KIB} at most")
    if "widgets" in notebook.metadata:
        found.append("holds the state of widgets: regenerate it")
    if notebook.metadata.kernelspec.name != "python3":
        found.append(f"kernel {notebook.metadata.kernelspec.name!r}; python3 is what everybody has")
    text = path.read_text(encoding="utf-8")
    found += [f"a path of one machine: {match.group()}" for match in LOCAL_PATH.finditer(text)]
    found += [f"a company's name: {match.group()}" for match in _COMPANY.finditer(text)]
    found += [f"a customer's name: {name}" for name in sorted(_INVENTED) if name in text]
    return found


def _wrong_outputs(cell: nbformat.NotebookNode) -> list[str]:
    found = []
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
            found.append(f"ends in {output.ename}")
        if output.get("name") == "stderr":
            found.append(f"writes to stderr: {output.text[:60]}")
        plain = output.get("data", {}).get("text/plain", "")
        if re.search(r"\d\.\d{7,}", plain):
            found.append("an unrounded number: it differs between machines")
    return found
