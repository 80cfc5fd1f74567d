"""`payseg board`: what it writes for viewers' kernels, and what it serves; the page itself is tested in a browser."""

from __future__ import annotations

import json
import os
import signal
import stat
import urllib.request
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

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
    customers = studies.study().ledger.customers
    names = customers["name"].dropna().astype("str").tolist()
    names += customers["company_number"].dropna().astype("str").tolist()
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


class Leads(HTMLParser):
    """Where a page leads to."""

    def __init__(self):
        super().__init__()
        self.to = []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "a":
            self.to.append(told["href"])
        if told.get("http-equiv") == "refresh":
            self.to.append(told["content"].partition("url=")[2])


def test_the_browser_is_told_no_token_but_a_file_of_this_user_alone(tmp_path, monkeypatch):
    from tornado.ioloop import IOLoop

    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    page, opened, said = board.write_board(studies.study(), tmp_path), [], []

    def opens(url):
        file = Path(urllib.request.url2pathname(url.removeprefix("file://")))
        opened.append((url, file, file.read_text(encoding="utf-8"), stat.S_IMODE(file.stat().st_mode)))
        IOLoop.current().add_callback(IOLoop.current().stop)
        return True

    monkeypatch.setattr(board.webbrowser, "open", opens)
    token = 'a&b"<c>'
    board.serve_board(page, host="127.0.0.1", port=8866, browser=True, say=said.append, token=token)
    [(url, file, text, mode)] = opened
    assert url.startswith("file://")
    assert token not in url
    assert "a&b" not in url
    assert mode == 0o600 or os.name != "posix"
    assert token not in text
    assert "token=a&amp;b&quot;&lt;c&gt;" in text
    leads = Leads()
    leads.feed(text)
    address = said[0].removeprefix("The board is at ").partition("\n")[0]
    assert address.endswith(f"/?token={token}")
    assert leads.to == [address, address]
    assert tmp_path not in file.parents  # beside the page it might be served
    assert not file.parent.exists()


def test_what_leads_to_a_board_takes_the_place_of_no_other_file(tmp_path):
    board.write_opening(tmp_path, "http://localhost:1/?token=a")
    with pytest.raises(FileExistsError):
        board.write_opening(tmp_path, "http://localhost:1/?token=b")
