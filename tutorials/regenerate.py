"""Run the tutorials top to bottom and write them back byte for byte the same wherever nothing has changed.

    uv run python tutorials/regenerate.py            rewrite those that differ
    uv run python tutorials/regenerate.py --check    rewrite nothing; exit with 1 if one differs

What is random or belongs to one machine is replaced: ids, addresses in memory, timestamps, widget views without a kernel.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
KEPT_OF_CELLS = ("tags",)
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_RANDOM = {
    re.compile(r"T_[0-9a-f]{5}(?=[_\"\s])"): "T_STYLE",  # pandas' styled tables
    re.compile(r"0x[0-9a-f]{6,16}"): "0xADDRESS",
}


def run(path: Path, *, timeout: int = 300) -> nbformat.NotebookNode:
    """Return the notebook with the outputs of a fresh kernel; an error in a cell is raised."""
    notebook = nbformat.read(path, as_version=4)
    options = {"timeout": timeout, "kernel_name": "python3", "record_timing": False}
    NotebookClient(notebook, **options, resources={"metadata": {"path": str(path.parent)}}).execute()
    return notebook


def stable_text(notebook: nbformat.NotebookNode) -> str:
    """Write a notebook that was run so that two runs give the same bytes."""
    ids: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        return ids.setdefault(match.group(), f"00000000-0000-4000-8000-{len(ids):012d}")

    def tidy(value: Any) -> Any:
        if isinstance(value, str):
            value = _UUID.sub(named, value)
            for pattern, instead in _RANDOM.items():
                value = pattern.sub(instead, value)
            return value
        if isinstance(value, list):
            return [tidy(part) for part in value]
        if isinstance(value, dict):
            return {tidy(key): tidy(part) for key, part in value.items() if key != WIDGET_VIEW}
        return value

    cells = []
    for place, cell in enumerate(notebook.cells):
        kept = {key: cell.metadata[key] for key in KEPT_OF_CELLS if key in cell.metadata}
        written = {**cell, "id": f"cell-{place:02d}", "metadata": kept}
        if cell.cell_type == "code":
            written["outputs"] = tidy(_streams_joined(cell.outputs))
        cells.append({**written, "source": cell.source.splitlines(keepends=True)})
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _streams_joined(outputs: Sequence[Any]) -> list[Any]:
    """Join neighbouring pieces of one stream: where a kernel cuts what is printed is chance."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            joined[-1] = {**last, "text": last["text"] + output["text"]}
        else:
            joined.append(dict(output))
    return joined


def main(argv: Sequence[str] | None = None) -> int:
    """Regenerate or check the notebooks named, all tutorials where none is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="rewrite nothing; exit with 1 if one differs")
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    arguments = parser.parse_args(argv)
    n_different = 0
    for path in arguments.notebooks or sorted(HERE.glob("*.ipynb")):
        started, before = time.perf_counter(), path.read_text(encoding="utf-8")
        after = stable_text(run(path))
        verdict = "unchanged" if before == after else "differs" if arguments.check else "rewritten"
        seconds = time.perf_counter() - started
        print(f"{path.name}: {verdict}, {len(after.encode()) / 1024:.0f} KiB, {seconds:.1f} s")
        if before == after:
            continue
        n_different += 1
        if arguments.check:
            sys.stdout.writelines(_difference(before, after, path.name))
        else:
            path.write_text(after, encoding="utf-8", newline="\n")
    return 1 if arguments.check and n_different else 0


def _difference(before: str, after: str, name: str) -> list[str]:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"{name} in the folder",
        f"{name} run now",
        n=1,
    )
    return list(lines)[:60]


if __name__ == "__main__":
    raise SystemExit(main())
