"""`payseg board`: what it writes for viewers' kernels, and what it serves; the page itself is tested in a browser."""

from __future__ import annotations

import json
import os
import signal
import stat
from dataclasses import replace

import pytest

from payseg_widgets import MissingDependencyError, board, default_policy, recommend
from payseg_widgets.cli import main
from payseg_widgets.ledger.export import write_export
from tests import forecasts, studies


def test_a_kernel_reads_the_study_that_was_written(tmp_path, monkeypatch):
    study = studies.study()
    page = board.write_board(study, tmp_path)
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code"]
    assert "editable=False, shows_names=False" in cells[1]["source"]
    assert study.features.frame.index[0] not in page.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    read = board.written_study()
    assert recommend(read).customers.equals(recommend(study).customers)
    assert read.outlook.forecast.weeks.equals(study.outlook.forecast.weeks)
    names: dict = {}
    exec(cells[1]["source"].replace("StrategyBoard(written", "made = StrategyBoard(written"), names)
    assert names["made"].wait(60) is not None
    names["made"].close()


@pytest.fixture
def served(monkeypatch):
    """Pages that would have been served."""
    told = []

    def serve(page, **options):
        folder = page.parent
        mode = stat.S_IMODE(folder.stat().st_mode)
        told.append((board.written_study(folder), page.read_text(encoding="utf-8"), mode, folder, options))

    monkeypatch.setattr(board, "serve_board", serve)
    return told


def test_the_command_studies_once_and_leaves_nothing_behind(tmp_path, served):
    stricter = default_policy().changed("customers", "often_late", min_late_probability=0.3)
    policy = tmp_path / "mine.yaml"
    policy.write_text(stricter.to_yaml(), encoding="utf-8")
    files = list(map(str, write_export(forecasts.ledger(), tmp_path / "ledger")))
    options = [
        "--no-forecast",
        "--segments",
        "2",
        "--policy",
        str(policy),
        "--names",
        "--port",
        "9000",
        "--quiet",
    ]
    assert main(["board", *files, *options]) == 0
    [(study, page, mode, folder, told)] = served
    assert study.strategy.plan.policy == stricter
    assert study.segmentation.n_segments == 2
    assert "shows_names=True" in page
    assert mode == 0o700 or os.name != "posix"
    assert told == {"host": "127.0.0.1", "port": 9000, "browser": True}
    assert not folder.exists()


def test_names_are_written_only_where_they_are_shown(tmp_path):
    names = studies.study().ledger.customers["name"].dropna().astype("str").tolist()
    assert names
    for is_named in (False, True):
        folder = tmp_path / str(is_named)
        folder.mkdir()
        board.write_board(studies.study(), folder, names=is_named)
        written = (folder / "study.pickle").read_bytes()
        assert [name.encode() in written for name in names] == [is_named] * len(names)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_told_to_end_it_leaves_nothing_behind(tmp_path, monkeypatch, name):
    folders = []

    def serve(page, **_options):
        folders.append(page.parent)
        signal.raise_signal(getattr(signal, name))

    monkeypatch.setattr(board, "serve_board", serve)
    files = list(map(str, write_export(forecasts.ledger(), tmp_path / "ledger")))
    before = signal.getsignal(getattr(signal, name))
    assert main(["board", *files, "--no-forecast", "--segments", "2", "--quiet"]) == 130
    assert not folders[0].exists()
    assert signal.getsignal(getattr(signal, name)) is before


@pytest.mark.parametrize("port", ["65536", "0", "²"])
def test_what_is_no_port_is_refused(capsys, port):
    with pytest.raises(SystemExit):
        main(["board", "invoices.csv", "--port", port])
    assert f"--port: {port!r} is not a" in capsys.readouterr().err


def test_without_voila_it_says_how_to_install_it(monkeypatch, capsys):
    monkeypatch.setattr(board.importlib.util, "find_spec", lambda name: None if name == "voila" else replace)
    with pytest.raises(MissingDependencyError, match=r"voila is not installed.*payseg-widgets\[board\]"):
        board.check_voila()
    assert main(["board", "invoices.csv"]) == 2
    assert "voila is not installed" in capsys.readouterr().err
