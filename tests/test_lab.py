"""`payseg lab`: the notebook it writes reads what the command line said, and holds nothing of the ledger."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets import lab, read_ledger
from payseg_widgets.cli import main
from payseg_widgets.ledger.export import write_export

LATE_FILE = (
    "Doc,Account,Raised,Payable,Gross\nX1,A,2024-01-13,2024-02-13,5.00\nX2,A,2024-01-14,2024-02-14,10.00\n"
)
MAPPING = ["invoice_id=Doc", "customer_id=Account", "issued_on=Raised", "due_on=Payable", "amount=Gross"]


@pytest.fixture
def opened(monkeypatch):
    """Notebooks that would have been opened in JupyterLab, and whether in a browser."""
    notebooks = []
    monkeypatch.setattr(lab, "open_jupyterlab", lambda path, *, browser: notebooks.append((path, browser)))
    return notebooks


def code(path: Path) -> dict[str, str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: cell["source"] for cell in cells if cell["cell_type"] == "code"}


def ledger_of(path: Path, monkeypatch):
    """Run the cell that reads, where the notebook is, as its kernel does, without the workbench."""
    monkeypatch.chdir(path.parent)
    names: dict = {}
    exec(code(path)["read"].replace("Workbench, ", ""), names)
    return names["ledger"]


def test_the_notebook_reads_the_files_as_the_command_line_said(tmp_path, opened, monkeypatch):
    file = tmp_path / "ar.csv"
    file.write_text(LATE_FILE)
    options = [part for pair in MAPPING for part in ("--map", pair)]
    assert (
        main(["lab", str(file), *options, "--currency", "GBP", "--as-of", "2024-03-01", "--no-browser"]) == 0
    )
    [(notebook, browser)] = opened
    assert (notebook, browser) == (tmp_path / "payseg.ipynb", False)
    assert "invoices='ar.csv'" in code(notebook)["read"]
    read = ledger_of(notebook, monkeypatch)
    mapping = {"invoices": dict(pair.split("=") for pair in MAPPING)}
    wanted = read_ledger(file, mapping=mapping, currency="GBP", as_of="2024-03-01")
    assert read.invoices.equals(wanted.invoices)
    assert (read.as_of, read.currency) == (wanted.as_of, "GBP")


def test_without_files_the_notebook_simulates_a_ledger(tmp_path, opened, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["lab"]) == 0
    [(notebook, browser)] = opened
    assert browser
    assert ledger_of(notebook, monkeypatch).customers.shape[0] == 400


def test_no_file_is_ever_replaced(tmp_path, opened, capsys):
    theirs = tmp_path / "payseg.ipynb"
    theirs.write_text("theirs")
    for _ in range(2):
        assert main(["lab", "--folder", str(tmp_path)]) == 0
    assert theirs.read_text() == "theirs"
    assert [path.name for path, _ in opened] == ["payseg-2.ipynb", "payseg-3.ipynb"]
    assert str(tmp_path / "payseg-3.ipynb") in capsys.readouterr().out


def test_the_notebook_holds_no_name_and_no_key(simulated, tmp_path, opened, monkeypatch):
    monkeypatch.setenv("AR_KEY", "a secret of thirty-two characters")
    files = write_export(simulated.ledger, tmp_path)
    assert main(["lab", *map(str, files), "--pseudonym-key-env", "AR_KEY"]) == 0
    text = opened[0][0].read_text(encoding="utf-8")
    assert "a secret" not in text
    assert not [name for name in simulated.ledger.customers["name"].dropna() if name in text]
    read = ledger_of(opened[0][0], monkeypatch)
    assert read.is_pseudonymised
    assert not set(read.customers["customer_id"]) & set(simulated.ledger.customers["customer_id"])


def test_files_elsewhere_are_named_in_full(tmp_path):
    files = {"invoices": tmp_path / "a" / "ar.csv", "payments": tmp_path / "b" / "cash.csv"}
    text = lab.reading_code(files, {}, folder=tmp_path / "a")
    assert "invoices='ar.csv'" in text
    assert repr((tmp_path / "b" / "cash.csv").as_posix()) in text


@given(
    st.dictionaries(st.sampled_from(["currency", "encoding", "delimiter"]), st.text()), st.text(min_size=1)
)
def test_whatever_was_typed_is_written_as_a_literal(options, name):
    [*_, call, _] = ast.parse(
        lab.reading_code({"invoices": Path("x.csv")}, options | {"sheet": name}, folder=Path())
    ).body
    written = {word.arg: ast.literal_eval(word.value) for word in call.value.keywords}
    assert written == {"invoices": "x.csv", **options, "sheet": name}


@pytest.mark.parametrize(
    ("arguments", "quoted"),
    [
        (["no_such_file.csv"], "no_such_file.csv"),
        (["--as-of", "2024-03-01"], "as_of='2024-03-01'"),
        (["--pseudonym-key-env", "AR_KEY"], "AR_KEY"),
    ],
)
def test_what_cannot_be_opened_is_said_and_nothing_is_written(
    arguments, quoted, tmp_path, opened, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(["lab", *arguments]) == 2
    assert quoted in capsys.readouterr().err
    assert (list(tmp_path.iterdir()), opened) == ([], [])


def test_without_jupyterlab_it_says_how_to_install_it_and_writes_nothing(
    tmp_path, opened, monkeypatch, capsys
):
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    assert main(["lab", "--folder", str(tmp_path)]) == 2
    assert "pip install 'payseg-widgets[lab]'" in capsys.readouterr().err
    assert (list(tmp_path.iterdir()), opened) == ([], [])


def test_a_folder_that_cannot_be_written_is_named(tmp_path, opened, capsys):
    file = tmp_path / "file"
    file.write_text("")
    assert main(["lab", "--folder", str(file / "below")]) == 2
    assert repr(str(file / "below")) in capsys.readouterr().err
