"""A notebook that opens a ledger in the workbench, and JupyterLab to run it in."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from payseg_widgets.errors import MissingDependencyError, PaysegError

_TITLE = """\
# {title}

Run all cells: menu *Run*, *Run All Cells*. Choose features, and brush customers in the pictures. What is selected
is in Python too: `workbench.explorer.selected` (the customers), `workbench.explorer.described` (what they have in common),
`workbench.explorer.to_code()` (the same again as code)."""
_SIMULATED = """\
from payseg_widgets import Workbench, simulate_ledger

ledger, truth = simulate_ledger(400, seed=0)
ledger"""
#: Where every row and its money went; figures only, so that a saved notebook holds no name.
_RECONCILIATION = "ledger.reconciliation.query('n_rows > 0')"
_WORKBENCH = "workbench = Workbench(ledger)\nworkbench"


def lab_notebook(
    files: Mapping[str, Path], options: Mapping[str, Any], *, folder: Path, key_variable: str | None = None
) -> dict[str, Any]:
    """Return a notebook that reads a ledger and shows it; nothing of the ledger is in it.

    Parameters
    ----------
    files : Mapping of str to pathlib.Path
        Table to file; a simulated ledger where empty.
    options : Mapping
        Further arguments of `read_ledger`, as plain Python values.
    folder : pathlib.Path
        Where the notebook will be: files below it are named relative to it.
    key_variable : str, optional
        Environment variable that holds the key of pseudonyms; the key itself is not written.

    Returns
    -------
    dict
        In the notebook format, version 4.5.
    """
    reading = reading_code(files, options, folder=folder, key_variable=key_variable) if files else _SIMULATED
    title = "Customers by how they pay" if files else "Simulated customers by how they pay"
    cells = [
        cell("about", "markdown", _TITLE.format(title=title)),
        cell("read", "code", reading),
        cell("rows", "code", _RECONCILIATION),
        cell("workbench", "code", _WORKBENCH),
    ]
    return notebook_of(cells)


def reading_code(
    files: Mapping[str, Path], options: Mapping[str, Any], *, folder: Path, key_variable: str | None = None
) -> str:
    """Return Python that reads the ledger.

    Examples
    --------
    >>> print(reading_code({"invoices": Path("ar.csv")}, {"dayfirst": True}, folder=Path()))
    from payseg_widgets import Workbench, read_ledger
    <BLANKLINE>
    ledger = read_ledger(
        invoices='ar.csv',
        dayfirst=True,
    )
    ledger
    """
    arguments = {table: _named_from(path, folder) for table, path in files.items()} | dict(options)
    lines = [f"    {name}={value!r}," for name, value in arguments.items()]
    read = ["ledger = read_ledger(", *lines, ")"]
    imports = ["from payseg_widgets import Workbench, read_ledger"]
    if key_variable:
        imports = ["import os", "", *imports]
        read.append(f"ledger = ledger.pseudonymised(key=os.environ[{key_variable!r}])")
    return "\n".join([*imports, "", *read, "ledger"])


def write_notebook(notebook: Mapping[str, Any], folder: Path) -> Path:
    """Write a notebook as ``payseg.ipynb``, or ``payseg-2.ipynb`` and so on: no file is replaced.

    Raises
    ------
    PaysegError
        If the folder cannot be written.
    """
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            path = folder / ("payseg.ipynb" if number == 1 else f"payseg-{number}.ipynb")
            try:
                with path.open("x", encoding="utf-8", newline="\n") as file:
                    file.write(text)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise PaysegError(
            f"cannot write a notebook to {str(folder)!r}: {error.strerror}. Give another folder: --folder DIR."
        ) from error
    raise AssertionError("count has no end")


def check_jupyterlab() -> None:
    """Raise `MissingDependencyError` where JupyterLab, which comes with the extra ``lab``, is not installed."""
    missing = [name for name in ("jupyterlab", "ipykernel") if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            f"{missing[0]} is not installed. Install it: pip install 'payseg-widgets[lab]'."
        )


def open_jupyterlab(notebook: Path, *, browser: bool) -> None:
    """Serve JupyterLab on a notebook and its folder until it is stopped."""
    check_jupyterlab()
    from jupyterlab.labapp import LabApp

    notebook = notebook.resolve()
    options = {
        "ServerApp.root_dir": notebook.parent,
        "LabApp.default_url": f"/lab/tree/{quote(notebook.name)}",
        "ServerApp.open_browser": browser,
    }
    LabApp.launch_instance([f"--{name}={value}" for name, value in options.items()])


def notebook_of(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a notebook of Python cells, as `cell` makes them."""
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": python}, "nbformat": 4, "nbformat_minor": 5}


def cell(name: str, kind: str, source: str) -> dict[str, Any]:
    """Return a cell that has not run; ``kind`` is ``markdown`` or ``code``."""
    made: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    return made if kind == "markdown" else {**made, "execution_count": None, "outputs": []}


def _named_from(path: Path, folder: Path) -> str:
    """Name a file as the notebook's kernel, which runs in its folder, finds it."""
    path, folder = path.resolve(), folder.resolve()
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()
